// A second factor: set up with an authenticator, asked for at the door, replaced by recovery codes, and enforced.
import type { Browser, Page } from "@playwright/test";

import { OTHER, PASSWORD, ROOT, expect, fresh, installation, signIn } from "../support/installation";
import { looked } from "../support/look";
import type { Server } from "../support/server";
import { hydrated } from "../support/test";
import { codeOf } from "../support/totp";

const test = installation();
test.use({ expectedConsole: [/status of (401|403|404|422)/] });

/** From the offer to the factor that is on; gives the secret and the recovery codes. */
async function setUp(page: Page): Promise<{ secret: string; codes: string[] }> {
  await page.getByRole("button", { name: "Set it up" }).click();
  await expect(page.getByRole("img", { name: "QR code of the secret" })).toBeVisible();
  const secret = await page.getByLabel("Secret", { exact: true }).inputValue();
  const codes = await page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").allInnerTexts();
  expect(codes).toHaveLength(10);
  await looked(page, "second-factor-set-up");
  await page.getByLabel("Code", { exact: true }).fill("12345");
  await page.getByRole("button", { name: "Turn it on" }).click();
  await expect(page.getByLabel("Code", { exact: true })).toHaveAccessibleDescription(/six digits that your authenticator shows/);
  await page.getByLabel("Code", { exact: true }).fill(codeOf(secret));
  await page.getByRole("button", { name: "Turn it on" }).click();
  await expect(page.getByText("Your second factor is on")).toBeVisible();
  return { secret, codes };
}

/** Signs in in a browser of its own up to the page that asks for a code. */
async function atTheDoor(browser: Browser, server: Server, email: string): Promise<Page> {
  const { page } = await fresh(browser, server, []);
  await signIn(page, email);
  await page.waitForURL(/\/sign-in\/code/);
  await hydrated(page);
  return page;
}

async function enter(page: Page, code: string): Promise<void> {
  await page.getByLabel("Code", { exact: true }).fill(code);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const refused = (page: Page) =>
  expect(page.getByLabel("Code", { exact: true })).toHaveAccessibleDescription(/not right|used before|does not/);

test("is set up, asked for, and replaced by recovery codes that work once", async ({ browser, server, signedIn }) => {
  test.setTimeout(150_000);
  const { email, name } = OTHER.admin;
  const inside = new RegExp(`/w/${OTHER.slug}$`);
  const admin = await signedIn(email);
  await hydrated(admin);
  await admin.getByText(name).first().click();
  await admin.getByRole("link", { name: "Your account" }).click();
  await admin.waitForURL(/\/account$/);
  await admin.getByRole("link", { name: "Second factor" }).click();
  await admin.waitForURL(/\/account\/second-factor$/);
  await hydrated(admin);
  await looked(admin, "second-factor-off");
  const { secret, codes } = await setUp(admin);
  await looked(admin, "second-factor-on");

  const first = await atTheDoor(browser, server, email);
  await looked(first, "sign-in-code");
  await enter(first, "abcde-fghjk");
  await refused(first);
  const code = codeOf(secret, 1);
  await enter(first, code);
  await first.waitForURL(inside);

  const second = await atTheDoor(browser, server, email);
  await enter(second, code);
  await refused(second);
  await enter(second, codes[0]!.toUpperCase().replace("-", " "));
  await second.waitForURL(inside);

  const third = await atTheDoor(browser, server, email);
  await enter(third, codes[0]!);
  await refused(third);
  await enter(third, codes[1]!);
  await third.waitForURL(inside);

  // New codes, with password and code; the earlier ones are void.
  await admin.reload();
  await hydrated(admin);
  await expect(admin.getByText("8", { exact: true })).toBeVisible();
  await admin.locator("#renew-current_password").fill("not this one");
  await admin.locator("#renew-code").fill(codes[2]!);
  await admin.getByRole("button", { name: "Make new codes" }).click();
  await expect(admin.locator("#renew-current_password")).toHaveAccessibleDescription(/this is not your password/i);
  await admin.locator("#renew-current_password").fill(PASSWORD);
  await admin.locator("#renew-code").fill(codes[2]!);
  await admin.getByRole("button", { name: "Make new codes" }).click();
  const renewed = admin.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
  await expect(renewed).toHaveCount(10);
  const fresher = await renewed.allInnerTexts();
  await looked(admin, "second-factor-new-codes");
  const fourth = await atTheDoor(browser, server, email);
  await enter(fourth, codes[3]!);
  await refused(fourth);
  await enter(fourth, fresher[0]!);
  await fourth.waitForURL(inside);

  await admin.locator("#disable-current_password").fill(PASSWORD);
  await admin.locator("#disable-code").fill(fresher[1]!);
  await admin.getByRole("button", { name: "Turn off the second factor" }).click();
  await expect(admin.getByRole("button", { name: "Set it up" })).toBeVisible();
  for (const page of [first, second, third, fourth]) await page.context().close();
  const last = await fresh(browser, server, []);
  await signIn(last.page, email);
  await last.page.waitForURL(inside);
  await last.page.context().close();
});

test("is asked of admins by a super admin, and reset for one who lost it", async ({ browser, server, signedIn }) => {
  test.setTimeout(150_000);
  const { email, name } = OTHER.admin;
  const [root, admin] = [await signedIn(ROOT.email), await signedIn(email)];
  await root.goto("/installation/settings");
  await hydrated(root);
  await looked(root, "installation-settings");
  await root.getByLabel("Who has to have a second factor").selectOption({ label: "Super admins and admins" });
  await root.getByRole("button", { name: "Save" }).click();
  // It holds for who set it as well.
  await expect(root.getByText(/Saved\.|asks for a second factor/).first()).toBeVisible();

  // At the next click, and nothing else is open before.
  await admin.goto(`/w/${OTHER.slug}/members`);
  await admin.waitForURL(/\/account\/second-factor$/);
  await hydrated(admin);
  await expect(admin.getByText("This installation asks for a second factor")).toBeVisible();
  await looked(admin, "second-factor-required");
  await admin.goto("/account");
  await admin.waitForURL(/\/account\/second-factor$/);
  await hydrated(admin);
  await setUp(admin);
  await admin.getByRole("link", { name: "Go on" }).click();
  await admin.waitForURL(new RegExp(`/w/${OTHER.slug}$`));
  await admin.goto("/account/second-factor");
  await expect(admin.getByText("it cannot be turned off")).toBeVisible();

  await root.goto("/account/second-factor");
  await hydrated(root);
  await setUp(root);
  await root.goto("/installation/users");
  await hydrated(root);
  await root.getByRole("link", { name }).click();
  await root.waitForURL(/\/installation\/users\/[0-9a-f-]{36}$/);
  await hydrated(root);
  await root.getByRole("button", { name: "Reset the second factor" }).click();
  await looked(root, "user-reset-factor");
  await root.getByRole("dialog").getByRole("button", { name: "Reset", exact: true }).click();
  await expect(root.getByRole("button", { name: "Reset the second factor" })).toHaveCount(0);
  await admin.reload();
  await expect(admin).toHaveURL(/\/sign-in/);
  // The password lets in again, and to the set-up only.
  const { page } = await fresh(browser, server, []);
  await signIn(page, email);
  await page.waitForURL(/\/account\/second-factor$/);
  await page.context().close();
});
