// A sender name from its draft to the archive, and a SADDR that two workspaces want.
import type { Page } from "@playwright/test";

import { OTHER, ROOT, expect, installation } from "../support/installation";
import { expectAccessible, expectNoSidewaysScroll, hydrated } from "../support/test";

const test = installation();

/** Fills the form of a revision and submits it. */
async function revise(page: Page, saddr: string, reason: string): Promise<void> {
  await page.getByLabel("SADDR: what phones show").fill(saddr);
  await page.getByLabel("Reason").fill(reason);
  await page.getByRole("button", { name: "Submit for approval" }).click();
}

/** Approves the revision of a sender name that waits. */
async function approveRevision(page: Page, slug: string, name: string): Promise<void> {
  await page.goto(`/w/${slug}/moderation?tab=senders`);
  await hydrated(page);
  await page.getByRole("button", { name: new RegExp(`^Approve.*${name}`) }).click();
  await page.getByRole("dialog").getByRole("button", { name: /^Approve revision/ }).click();
}

test("a sender name goes from draft over two revisions into the archive, and its name is free again", async ({ person }) => {
  const admin = await person("Ana Admin");
  await admin.goto("/w/demo/senders/new");
  await hydrated(admin);
  await admin.getByText("Make only the name, and submit a revision later").click();
  await expectAccessible(admin);
  await admin.getByLabel("Name of the draft").fill("Harbour");
  await admin.getByRole("button", { name: "Make a draft" }).click();
  await admin.waitForURL(/\/senders\/[0-9a-f-]{36}$/);
  const sender = new URL(admin.url()).pathname;
  await expect(admin.getByText("Draft", { exact: true })).toBeVisible();
  await expect(admin.getByText("None yet.")).toBeVisible();

  // Anybody of the workspace may say what is to be sent; somebody else decides.
  const author = await person("Ada Author");
  await author.goto(sender);
  await hydrated(author);
  await revise(author, "HARBOUR", "For the ferries");
  await expect(author.getByText("Pending approval").first()).toBeVisible();
  const moderator = await person("Max Moderator");
  await approveRevision(moderator, "demo", "Harbour");
  await expect(moderator.getByText("was approved")).toBeVisible();

  await author.goto(sender);
  await hydrated(author);
  await expect(author.getByText("In force", { exact: true })).toBeVisible();
  await revise(author, "HARBOUR24", "All night now");
  await expect(author.getByText("A revision waits for a decision.")).toBeVisible();
  // The approved one stays in force meanwhile.
  const first = author.getByRole("article").filter({ hasText: "Revision 1" });
  await expect(first.getByText("In force", { exact: true })).toBeVisible();
  await moderator.goto("/w/demo/moderation?tab=senders");
  await hydrated(moderator);
  await moderator.getByRole("button", { name: /^Reject.*Harbour/ }).click();
  await moderator.getByRole("dialog").getByLabel("What has to change").fill("Keep the name that people know.");
  await moderator.getByRole("dialog").getByRole("button", { name: /^Reject revision/ }).click();
  await expect(moderator.getByText("was rejected")).toBeVisible();
  await author.goto(sender);
  await expect(author.getByText("Keep the name that people know.")).toBeVisible();
  await expect(first.getByText("In force", { exact: true })).toBeVisible();
  await author.setViewportSize({ width: 320, height: 900 });
  await expectNoSidewaysScroll(author);

  await admin.goto(sender);
  await hydrated(admin);
  await admin.getByRole("button", { name: "Archive" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Archive" }).click();
  await admin.waitForURL(/\/senders$/);
  await expect(admin.getByRole("row").filter({ hasText: "Harbour" }).getByText("Archived")).toBeVisible();
  await admin.goto("/w/demo/senders/new");
  await hydrated(admin);
  await admin.getByText("Make only the name, and submit a revision later").click();
  await admin.getByLabel("Name of the draft").fill("Harbour");
  await admin.getByRole("button", { name: "Make a draft" }).click();
  await admin.waitForURL((url) => /\/senders\/[0-9a-f-]{36}$/.test(url.pathname) && url.pathname !== sender);
});

test.describe("a SADDR that two workspaces want", () => {
  test.use({ expectedConsole: [/status of 422/] });

  test("is refused until a super admin allows it", async ({ signedIn }) => {
    const olga = await signedIn(OTHER.admin.email);
    await olga.goto(`/w/${OTHER.slug}/senders/new`);
    await hydrated(olga);
    await olga.getByLabel("Name within the workspace").fill("Borrowed");
    // The demo's own, in other letters.
    await revise(olga, "dEmO", "The same company");
    await olga.waitForURL(/\/senders\/[0-9a-f-]{36}$/);
    const sender = new URL(olga.url()).pathname;
    await expect(olga.getByRole("button", { name: "Allow shared use" })).toHaveCount(0);

    const rita = await signedIn(ROOT.email);
    await rita.goto(`/w/${OTHER.slug}/moderation?tab=senders`);
    await hydrated(rita);
    await rita.getByRole("button", { name: /^Approve.*Borrowed/ }).click();
    await rita.getByRole("dialog").getByRole("button", { name: /^Approve revision/ }).click();
    const refusal = rita.getByRole("alert").filter({ hasText: "in use elsewhere" });
    await expect(refusal).toBeVisible();
    await expect(refusal).not.toContainText(/demo/i);

    await rita.goto(sender);
    await hydrated(rita);
    await expectAccessible(rita);
    await rita.getByRole("button", { name: "Allow shared use" }).click();
    await expect(rita.getByRole("button", { name: "Allow shared use" })).toHaveCount(0);
    await approveRevision(rita, OTHER.slug, "Borrowed");
    await expect(rita.getByText("was approved")).toBeVisible();
  });
});
