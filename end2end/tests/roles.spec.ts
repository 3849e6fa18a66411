// Roles that change while somebody works: for good, for a while, and of the last admin.
import type { Page } from "@playwright/test";

import { OTHER, ROOT, expect, installation } from "../support/installation";
import { go, looked } from "../support/look";

const test = installation();

function row(page: Page, text: string) {
  return page.getByRole("row").filter({ hasText: text });
}

/** The page on which an admin changes a member. */
async function changing(page: Page, slug: string, name: string): Promise<void> {
  await go(page, `/w/${slug}/members`);
  await page.getByRole("link", { name: `Change ${name}` }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
}

async function save(page: Page, role: string, until = ""): Promise<void> {
  await page.getByRole("combobox", { name: "Role" }).selectOption(role);
  await page.getByLabel("Until").fill(until);
  await page.getByRole("button", { name: "Save" }).click();
}

test.describe("another role", () => {
  test.use({ expectedConsole: [/status of (403|404|409|422)/] });

  test("acts at once on a page that is open, and ends by itself when it is temporary", async ({ person }) => {
    const author = await person("Ada Author");
    await go(author, "/w/demo/campaigns/new");
    await author.getByRole("radio", { name: /^On.demand/i }).check();

    const admin = await person("Ana Admin");
    await changing(admin, "demo", "Ada Author");
    await looked(admin);
    const late = await admin.context().newPage();
    await go(late, new URL(admin.url()).pathname);
    await save(admin, "Moderator", "2020-01-01T10:00");
    await expect(admin.getByLabel("Until")).toHaveAccessibleDescription(/The end has passed; choose a later time/);
    const year = new Date().getUTCFullYear();
    await save(admin, "Moderator", `${year + 1}-03-01T10:00`);
    await admin.waitForURL(/\/members$/);
    await expect(row(admin, "Ada Author")).toContainText(new RegExp(`Moderator.*until ${year + 1}-03-01.*then author`, "s"));
    await looked(admin);

    // The page that was open is out of date, and says so.
    await save(late, "Admin");
    await expect(late.getByRole("alert")).toContainText("Somebody else has changed this membership since you opened the page");
    await late.getByRole("link", { name: "Look at it as it is now" }).click();
    await expect(late.getByRole("combobox", { name: "Role" })).toHaveValue("moderator");
    await late.close();

    await author.getByRole("button", { name: "Continue" }).click();
    await expect(author.getByText("Your role in this workspace does not allow this.")).toBeVisible();
    await go(author, "/w/demo/campaigns");
    await expect(author.getByRole("link", { name: /New campaign/ })).toHaveCount(0);
    expect((await author.request.get("/w/demo/campaigns/new")).status()).toBe(403);

    await changing(admin, "demo", "Ada Author");
    await save(admin, "Author");
    await admin.waitForURL(/\/members$/);
    await go(author, "/w/demo/campaigns/new");
    await author.getByRole("radio", { name: /^On.demand/i }).check();
    await author.getByRole("button", { name: "Continue" }).click();
    await author.waitForURL(/edit\/2$/);
  });

  test("of the last admin is refused, and a removed member finds nothing from the next click on", async ({ signedIn }) => {
    const olga = await signedIn(OTHER.admin.email);
    await go(olga, `/w/${OTHER.slug}/members`);
    await expect(olga.getByRole("link", { name: `Change ${OTHER.admin.name}` })).toHaveCount(0);

    const rita = await signedIn(ROOT.email);
    await changing(rita, OTHER.slug, OTHER.admin.name);
    await save(rita, "Author");
    await expect(rita.getByText(/This is the last admin who can sign in; make somebody else an admin first/).first()).toBeVisible();
    await looked(rita);
    await rita.getByRole("button", { name: "Remove" }).click();
    const dialog = rita.getByRole("dialog", { name: `Remove ${OTHER.admin.name}?` });
    await dialog.getByRole("button", { name: "Remove" }).click();
    await expect(dialog).toBeHidden();
    await expect(rita.getByRole("alert").filter({ hasText: "This is the last admin who can sign in" }).last()).toBeVisible();

    await changing(rita, OTHER.slug, OTHER.author.name);
    await save(rita, "Admin");
    await rita.waitForURL(/\/members$/);
    await expect(row(rita, OTHER.author.email)).toContainText("Admin");
    await changing(rita, OTHER.slug, OTHER.admin.name);
    await rita.getByRole("button", { name: "Remove" }).click();
    await dialog.getByRole("button", { name: "Remove" }).click();
    await rita.waitForURL(/\/members$/);
    await expect(row(rita, OTHER.admin.email)).toHaveCount(0);

    await olga.getByRole("link", { name: "Campaigns" }).click();
    await expect(olga.getByText("There is nothing here, or it is not open to you.").first()).toBeVisible();
    await go(olga, "/");
    await expect(olga.getByText("You are not a member of any workspace")).toBeVisible();
    await looked(olga);
  });
});
