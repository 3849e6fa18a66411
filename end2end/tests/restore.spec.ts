// The end of an archived campaign: a super admin deletes it, or restores that of somebody who left into another workspace.
import type { Page } from "@playwright/test";

import { submitted } from "../support/campaign";
import { OTHER, ROOT, expect, installation } from "../support/installation";
import { go, looked } from "../support/look";
import { hydrated } from "../support/test";

const test = installation();

// Ada's open page learns that she was blocked.
test.use({ expectedConsole: [/status of 401/] });

test("an archived campaign is deleted for good by a super admin, and by nobody else", async ({ person, signedIn }) => {
  const author = await person("Ada Author");
  const campaign = await submitted(author, { name: "Never again", recipients: 4 });
  const rita = await signedIn(ROOT.email);
  await go(rita, campaign);
  await expect(rita.getByRole("button", { name: "Archive", exact: true })).toBeVisible();
  await expect(rita.getByRole("button", { name: "Delete", exact: true })).toBeHidden();
  await archive(author, campaign);
  const admin = await person("Ana Admin");
  await go(admin, campaign);
  await expect(admin.getByRole("button", { name: "Restore" })).toBeVisible();
  await expect(admin.getByRole("button", { name: "Delete", exact: true })).toBeHidden();

  await go(rita, campaign);
  const dialog = rita.getByRole("dialog");
  await rita.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(dialog).toContainText("It goes with its 4 recipients");
  await looked(rita, "campaign-delete");
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await expect(dialog).toBeHidden();
  await rita.getByRole("button", { name: "Delete", exact: true }).click();
  await dialog.getByRole("button", { name: "Delete campaign" }).click();
  await rita.waitForURL(/\/w\/demo\/campaigns$/);
  for (const page of [rita, author]) expect((await page.request.get(campaign)).status()).toBe(404);
  await go(author, "/w/archive");
  await expect(author.getByRole("link", { name: "Never again" })).toBeHidden();
});

test("a campaign whose author is gone goes on in another workspace", async ({ person, signedIn }) => {
  test.setTimeout(180_000);
  const author = await person("Ada Author");
  const campaign = await submitted(author, { name: "Left behind", recipients: 5 });
  await archive(author, campaign);

  // Ada leaves; a super admin rules both workspaces.
  const rita = await signedIn(ROOT.email);
  await go(rita, "/installation/users");
  await rita.getByRole("link", { name: "Ada Author" }).click();
  await rita.waitForURL(/\/installation\/users\/[0-9a-f-]{36}$/);
  await hydrated(rita);
  await rita.getByRole("button", { name: "Block the account" }).click();
  await rita.getByRole("dialog").getByRole("button", { name: "Block", exact: true }).click();
  await expect(rita.getByText("Blocked", { exact: true })).toBeVisible();

  await go(rita, campaign);
  await rita.getByRole("button", { name: "Restore" }).click();
  const dialog = rita.getByRole("dialog");
  await expect(dialog).toContainText("Its author is not active in this workspace any more.");
  await dialog.getByLabel("Workspace").selectOption({ label: OTHER.name });
  await dialog.getByRole("button", { name: "Restore" }).click();
  await rita.waitForURL(new RegExp(`/w/${OTHER.slug}/campaigns/[0-9a-f-]{36}$`));
  const copy = new URL(rita.url()).pathname;
  await expect(rita.getByRole("heading", { level: 1 })).toHaveText("Left behind");
  await go(rita, `${copy}/edit/2`);
  await expect(rita.getByText("is not approved here any more").first()).toBeVisible();

  await go(rita, campaign);
  await expect(rita.getByText("Restored elsewhere")).toBeVisible();
  await expect(rita.getByRole("link", { name: OTHER.name }).first()).toHaveAttribute("href", copy);
  await expect(rita.getByRole("button", { name: "Restore" })).toBeHidden();
  await looked(rita, "campaign-tombstone");

  // Who is not in the other workspace learns that it went, and not where.
  const admin = await person("Ana Admin");
  await go(admin, campaign);
  await expect(admin.getByText("another workspace").first()).toBeVisible();
  await expect(admin.getByText(OTHER.name)).toBeHidden();
});

async function archive(page: Page, campaign: string): Promise<void> {
  await go(page, campaign);
  await page.getByRole("button", { name: "Archive" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
  await expect(page.getByText("The campaign was archived.")).toBeVisible();
}
