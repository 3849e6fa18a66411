// Invitations: for somebody new, for somebody with an account, and links that do not work any more.
import type { Page } from "@playwright/test";

import { OTHER, PASSWORD, expect, fresh, installation } from "../support/installation";
import { go, looked } from "../support/look";

const test = installation();

/** Invites somebody and gives the link, which is shown once. */
async function invite(page: Page, email: string, role: string, note = ""): Promise<string> {
  await go(page, "/w/demo/members/invitations");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Role", { exact: true }).selectOption(role);
  await page.getByLabel("Note").fill(note);
  await page.getByRole("button", { name: "Invite" }).click();
  return linkFor(page, email);
}

async function linkFor(page: Page, email: string, unlike = ""): Promise<string> {
  const field = page.getByLabel(`One-time link for ${email}`, { exact: true }).and(page.locator("input"));
  await expect(field).toHaveValue(/\/invitation\/.+/);
  await expect(field).not.toHaveValue(unlike);
  return field.inputValue();
}

function row(page: Page, email: string) {
  return page.getByRole("row").filter({ hasText: email });
}

async function expectDead(page: Page, link: string): Promise<void> {
  await go(page, link);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This invitation does not work any more");
  await expect(page.getByText("ask whoever invited you for a new link")).toBeVisible();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
}

test.describe("an invitation", () => {
  test.use({ expectedConsole: [/status of (404|422)/] });

  test("brings in somebody new with the role of the invitation, once", async ({ person, browser, server }) => {
    const email = "nina@new.example";
    const admin = await person("Ana Admin");
    await admin.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await go(admin, "/w/demo/members");
    await looked(admin);
    await admin.getByRole("link", { name: "Invite somebody" }).click();
    await expect(admin.getByText("No invitation is open")).toBeVisible();
    await looked(admin);
    const link = await invite(admin, email, "Moderator", "You know the ferries.");
    await admin.getByRole("button", { name: "Copy" }).click();
    await expect(admin.getByText("Copied.")).toBeVisible();
    expect(await admin.evaluate(() => navigator.clipboard.readText())).toBe(link);
    await expect(row(admin, email)).toContainText("Moderator");
    await looked(admin);

    // One at a time for an address; the other words are kept.
    await admin.getByLabel("E-mail").fill(email);
    await admin.getByRole("button", { name: "Invite" }).click();
    await expect(admin.getByLabel("E-mail")).toHaveAccessibleDescription(/has an open invitation; make a new link for that one, or revoke it first/);

    const { page, complaints } = await fresh(browser, server, [/status of (404|422)/]);
    await go(page, link);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Join /);
    await expect(page.getByText(email)).toBeVisible();
    await expect(page.getByText("Moderator", { exact: true })).toBeVisible();
    await expect(page.getByText("You know the ferries.")).toBeVisible();
    await looked(page);
    await page.getByLabel("Your name").fill("Nina New");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByLabel("The same again").fill("seven wooden boots");
    await page.getByRole("button", { name: "Accept and sign in" }).click();
    await expect(page.getByLabel("The same again")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel("Your name")).toHaveValue("Nina New");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByLabel("The same again").fill(PASSWORD);
    await page.getByRole("button", { name: "Accept and sign in" }).click();
    await page.waitForURL(/\/w\/demo$/);
    await expect(page.getByRole("button", { name: "Account of Nina New" })).toBeVisible();
    await expectDead(page, link);
    await looked(page);
    expect(complaints).toEqual([]);
    await page.context().close();

    await go(admin, "/w/demo/members");
    await expect(row(admin, email)).toContainText("Moderator");
    await admin.getByLabel("Name or e-mail").fill("nina");
    await admin.getByRole("button", { name: "Search" }).click();
    await expect(admin.getByRole("row")).toHaveCount(2);
    await go(admin, "/w/demo/members/invitations");
    await expect(admin.getByText("No invitation is open")).toBeVisible();
    await admin.getByLabel("E-mail").fill(email);
    await admin.getByRole("button", { name: "Invite" }).click();
    await expect(admin.getByLabel("E-mail")).toHaveAccessibleDescription(/Nina New is a member of this workspace already/);
  });

  test("for somebody with an account is not accepted by somebody else", async ({ person }) => {
    const { email } = OTHER.admin;
    const link = await invite(await person("Ana Admin"), email, "Author");
    const page = await person("Max Moderator");
    await go(page, link);
    await expect(page.getByText("You are signed in as somebody else")).toBeVisible();
    await expect(page.getByRole("button", { name: /^Accept/ })).toHaveCount(0);
    await looked(page);
    await page.getByRole("main").getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL((url) => url.pathname !== new URL(link).pathname);

    await go(page, link);
    await expect(page.getByText("This address has an account.")).toBeVisible();
    await expect(page.getByLabel("E-mail")).toHaveValue(email);
    await looked(page);
    await page.getByLabel("Password").fill("not it at all");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("main")).toContainText(/password/i);
    await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Accept", exact: true }).click();
    await page.waitForURL(/\/w\/demo$/);
    // Who is in two workspaces changes between them in the header.
    await page.getByRole("button", { name: /^Workspace: / }).click();
    const entries = page.getByRole("list", { name: "Workspaces" });
    await expect(entries.getByRole("link", { name: new RegExp(OTHER.name) })).toBeVisible();
    await expect(entries.getByRole("link", { name: /Author/ })).toBeVisible();
  });

  test("works no more once another link was made, or it was taken back", async ({ person, browser, server }) => {
    const email = "vera@never.example";
    const admin = await person("Ana Admin");
    const first = await invite(admin, email, "Author");
    await row(admin, email).getByRole("button", { name: `New link for ${email}` }).click();
    const second = await linkFor(admin, email, first);
    const { page, complaints } = await fresh(browser, server, [/status of (404|409)/]);
    await expectDead(page, first);
    await go(page, second);
    await expect(page.getByLabel("Your name")).toBeVisible();
    await row(admin, email).getByRole("button", { name: /^Revoke/ }).click();
    await expect(row(admin, email)).toHaveCount(0);
    await expect(admin.getByLabel(`One-time link for ${email}`)).toHaveCount(0);

    // Taken back while the page was open.
    await page.getByLabel("Your name").fill("Vera Never");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByLabel("The same again").fill(PASSWORD);
    await page.getByRole("button", { name: "Accept and sign in" }).click();
    await expect(page.getByText("This link does not work any more: it was used, taken back, or it is too old.")).toBeVisible();
    await expectDead(page, second);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
