// Campaigns that begin from others: a clone with recipients, and a rejected one that is corrected.
import { approve, submitted } from "../support/campaign";
import { go, looked } from "../support/look";
import { expect, test } from "../support/people";
import { hydrated } from "../support/test";

test("a clone takes the recipients along and is sent by itself", async ({ person }) => {
  test.setTimeout(180_000);
  const author = await person("Ada Author");
  const moderator = await person("Max Moderator");
  const original = await submitted(author, { name: "Spring offer", recipients: 40 });

  await go(author, original);
  await author.getByRole("button", { name: "Clone" }).click();
  const dialog = author.getByRole("dialog");
  await expect(dialog).toContainText("Nothing is sent before it is submitted and approved.");
  await dialog.getByRole("button", { name: "With 40 recipients" }).click();
  await author.waitForURL(/edit\/2$/);
  const clone = new URL(author.url()).pathname.replace(/\/edit\/2$/, "");
  expect(clone).not.toBe(original);
  await expect(author.getByLabel("Name of the campaign")).toHaveValue("Copy of Spring offer");
  await expect(author.getByText("This draft is a copy")).toBeVisible();
  await looked(author, "wizard-2-copy");
  await go(author, `${clone}/edit/4`);
  await expect(author.getByText("40 of 40 lines are recipients.")).toBeVisible({ timeout: 30_000 });
  await go(author, `${clone}/edit/5`);
  await author.getByRole("button", { name: "Submit for approval" }).click();
  await author.waitForURL((url) => url.pathname === clone);

  // The approval of the one is none of the other.
  await approve(moderator, clone);
  await expect(author.getByText("Done", { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  await go(author, original);
  await expect(author.getByText("New", { exact: true }).first()).toBeVisible();
});

test("a rejected campaign is edited as new, recipients kept", async ({ person }) => {
  test.setTimeout(120_000);
  const author = await person("Ada Author");
  const moderator = await person("Max Moderator");
  const rejected = await submitted(author, { name: "Too loud", recipients: 7 });
  await go(moderator, rejected);
  await moderator.getByRole("button", { name: /^Reject/ }).first().click();
  await moderator.getByRole("dialog").getByLabel("What has to change").fill("Say it more quietly.");
  await moderator.getByRole("dialog").getByRole("button", { name: /^Reject/ }).click();
  await expect(moderator.getByText("Cancelled", { exact: true }).first()).toBeVisible();

  await go(author, rejected);
  await expect(author.getByText("Say it more quietly.").first()).toBeVisible();
  await looked(author, "campaign-rejected");
  await author.getByRole("button", { name: "Edit as new" }).click();
  await author.waitForURL(/edit\/2$/);
  await hydrated(author);
  await expect(author.getByLabel("Name of the campaign")).toHaveValue("Too loud");
  await author.getByLabel("Message", { exact: true }).fill("Planned maintenance, quietly.");
  const draft = new URL(author.url()).pathname.replace(/\/edit\/2$/, "");
  await expect(async () => {
    await go(author, `${draft}/edit/4`);
    await expect(author.getByText("7 of 7 lines are recipients.")).toBeVisible();
  }).toPass({ timeout: 30_000 });
  await go(author, `${draft}?tab=audit`);
  await expect(author.getByText(rejected.split("/").at(-1)!.slice(-8)).first()).toBeVisible();
});
