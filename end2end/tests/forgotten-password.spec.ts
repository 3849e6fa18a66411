// Somebody forgot their password, and is led back in by a mail; whoever is not known gets the same answer and no mail.
import type { Page } from "@playwright/test";

import { OTHER, PASSWORD, ROOT, expect, fresh, installation, signIn } from "../support/installation";
import { looked } from "../support/look";
import { type Mailbox, linkIn, mailTo, mailbox } from "../support/mail";
import { hydrated } from "../support/test";

/** One for each worker, and so for its server. */
let box: Promise<Mailbox> | undefined;
const mails = () => (box ??= mailbox());

const test = installation(async () => mailTo((await mails()).port));

// Set by way of the link.
const CHOSEN = "five loud copper drums";

async function askForLink(page: Page, email: string): Promise<void> {
  await page.goto("/forgot");
  await hydrated(page);
  await page.getByLabel("E-mail").fill(email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.waitForURL(/\/forgot\?asked=true$/);
}

test.describe("a forgotten password", () => {
  test.use({ expectedConsole: [/status of (401|404|422)/] });

  test("is replaced by way of a mail, and ends what was open with the old one", async ({ browser, server, expectedConsole, signedIn }) => {
    const { page, complaints } = await fresh(browser, server, expectedConsole);
    await page.goto("/sign-in");
    await hydrated(page);
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Forgot your password?");
    await looked(page, "forgot");
    const said: string[] = [];
    for (const email of ["nobody@other.example", OTHER.admin.email]) {
      await askForLink(page, email);
      said.push(await page.getByRole("main").innerText());
    }
    expect(said[0]).toContain("If the address belongs to an account, a mail with a link is on its way.");
    expect(said[1], "nobody learns who has an account").toBe(said[0]);
    await looked(page, "forgot-asked");

    // Somebody is still in with the old password.
    const old = await signedIn(OTHER.admin.email);
    const mail = await (await mails()).to(OTHER.admin.email);
    expect(mail.subject).toBe("Set a new password for Message Center");
    expect(mail.text).toContain(`Hello ${OTHER.admin.name},`);
    const link = linkIn(mail);
    await page.goto(link);
    await hydrated(page);
    await looked(page, "forgot-link");
    await page.getByLabel("New password").fill(CHOSEN);
    await page.getByLabel("The same again").fill(CHOSEN);
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.waitForURL(new RegExp(`/w/${OTHER.slug}$`));
    await old.reload();
    await expect(old).toHaveURL(/\/sign-in/);

    const again = await fresh(browser, server, expectedConsole);
    expect((await again.page.goto(link))?.status(), "a link works once").toBe(404);
    await signIn(again.page, OTHER.admin.email);
    await expect(again.page.getByLabel("Password")).toHaveAccessibleDescription(/do not belong together/);
    await again.page.getByLabel("Password").fill(CHOSEN);
    await again.page.getByRole("button", { name: "Sign in" }).click();
    await again.page.waitForURL(new RegExp(`/w/${OTHER.slug}$`));
    for (const opened of [page, again.page]) await opened.context().close();
    expect([...complaints, ...again.complaints]).toEqual([]);
    expect((await mails()).mails.map((mail) => mail.to)).not.toContain("nobody@other.example");
  });
});

test("mails wait while the mail server cannot be used, and a super admin sees it", async ({ signedIn }) => {
  const server = await mails();
  const root = await signedIn(ROOT.email);
  await root.goto("/installation/mail");
  await hydrated(root);
  await looked(root, "installation-mail");
  server.behave("never");
  await root.getByRole("button", { name: "Send a test mail to myself" }).click();
  await expect(root.getByRole("table").getByRole("row").filter({ hasText: "no such mailbox" })).toBeVisible({ timeout: 30_000 });
  server.behave("later");
  await root.getByRole("button", { name: "Send a test mail to myself" }).click();
  const failed = root.locator(".notice").filter({ hasText: "The last attempt failed" });
  await expect(failed).toContainText("try again later", { timeout: 30_000 });
  await expect(root.getByText("1 mail, the oldest since")).toBeVisible();
  await looked(root, "installation-mail-failed");
  server.behave("accept");
  await expect(failed).toHaveCount(0, { timeout: 45_000 });
  expect((await server.to(ROOT.email)).subject).toBe("Mails of Message Center arrive");
});

test.describe("without a mail server", () => {
  const test = installation();

  test("whoever forgot their password is told whom to ask", async ({ browser, server, expectedConsole }) => {
    const { page, complaints } = await fresh(browser, server, expectedConsole);
    await page.goto("/forgot");
    await expect(page.getByText("Ask an administrator of the installation for a one-time link")).toBeVisible();
    await expect(page.getByRole("button", { name: "Send the link" })).toHaveCount(0);
    await looked(page, "forgot-without-mail");
    await signIn(page, OTHER.admin.email, PASSWORD);
    await page.waitForURL(new RegExp(`/w/${OTHER.slug}$`));
    await page.context().close();
    expect(complaints).toEqual([]);
  });
});
