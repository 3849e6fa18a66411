// One's own account: the name, the sessions in other browsers, and another password.
import { OTHER, PASSWORD, expect, fresh, installation, signIn } from "../support/installation";
import { looked } from "../support/look";
import { hydrated } from "../support/test";

const test = installation();
test.use({ expectedConsole: [/status of (401|422)/] });

const NEXT = "eleven patient grey herons";

test("somebody renames themselves, ends sessions in other browsers, and changes the password", async ({ browser, server, expectedConsole, signedIn }) => {
  test.setTimeout(150_000);
  const { email } = OTHER.admin;
  const here = await signedIn(email);
  const elsewhere = await signedIn(email);
  const third = await signedIn(email);

  await here.goto("/account");
  await hydrated(here);
  await looked(here, "account");
  await here.getByLabel("Name", { exact: true }).fill("Olga Othersen");
  await here.getByRole("button", { name: "Save" }).click();
  await expect(here.getByText("Saved.")).toBeVisible();
  await here.goto(`/w/${OTHER.slug}/members`);
  await expect(here.getByRole("banner").getByText("Olga Othersen").first()).toBeVisible();

  await here.goto("/account/sessions");
  await hydrated(here);
  const rows = here.getByRole("table").getByRole("row").filter({ hasText: "Chrome on Linux" });
  await expect(rows).toHaveCount(3);
  await expect(rows.filter({ hasText: "This one" })).toHaveCount(1);
  await looked(here, "sessions");
  await rows.getByRole("button", { name: /^End on Chrome/ }).first().click();
  await expect(here.getByText("The session is ended.")).toBeVisible();
  await expect(rows).toHaveCount(2);
  await here.getByRole("button", { name: "End all other sessions" }).click();
  await expect(here.getByText("1 other session ended.")).toBeVisible();
  await expect(rows).toHaveCount(1);
  await looked(here, "sessions-one");
  // The open pages say so by themselves, and lead back in.
  for (const page of [elsewhere, third]) {
    await expect(page.getByText("Your session is over.")).toBeVisible({ timeout: 30_000 });
    await page.getByRole("link", { name: "Sign in again" }).click();
    await page.waitForURL(/\/sign-in\?next=/);
    await hydrated(page);
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL(new RegExp(`/w/${OTHER.slug}$`));
  }

  await here.goto("/account/password");
  await hydrated(here);
  await looked(here, "password");
  const [present, next, again] = [here.getByLabel("Present password"), here.getByLabel("New password"), here.getByLabel("The same again")];
  for (const [typed, chosen, repeated, field, said] of [
    ["not this one", NEXT, NEXT, present, /this is not your password/i],
    [PASSWORD, "short", "short", next, /A password has at least 8 characters/],
    [PASSWORD, NEXT, `${NEXT}!`, again, /The two passwords are not the same/],
  ] as const) {
    await present.fill(typed);
    await next.fill(chosen);
    await again.fill(repeated);
    await here.getByRole("button", { name: "Change the password" }).click();
    await expect(field).toHaveAccessibleDescription(said);
  }
  await present.fill(PASSWORD);
  await next.fill(NEXT);
  await again.fill(NEXT);
  await here.getByRole("button", { name: "Change the password" }).click();
  await expect(here.getByText("Your password is changed. You are signed out everywhere else.")).toBeVisible();
  await looked(here, "password-changed");
  await elsewhere.reload();
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await here.reload();
  await expect(here).toHaveURL(/\/account\/password$/);
  const { page, complaints } = await fresh(browser, server, expectedConsole);
  await signIn(page, email);
  await expect(page.getByLabel("Password")).toHaveAccessibleDescription(/do not belong together/);
  await signIn(page, email, NEXT);
  await page.waitForURL(new RegExp(`/w/${OTHER.slug}$`));
  await page.context().close();
  expect(complaints).toEqual([]);
});
