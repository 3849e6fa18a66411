// Scheduled and Spread over their time: nothing leaves before it, and then by itself what is due.
import type { Page } from "@playwright/test";

import { approve, figures, numbers } from "../support/campaign";
import { go, looked } from "../support/look";
import { expect, test } from "../support/people";

/** The next start that leaves time to submit and approve; forms know whole minutes. */
const AHEAD_MINUTES = 3;
/** Until a start that is so far ahead has come, and what is due at once is sent. */
const PATIENCE_MS = (AHEAD_MINUTES + 2) * 60_000;

/** The time of the workspace's zone that a form has as its earliest, and so many minutes. */
async function later(page: Page, field: string, minutes: number): Promise<string> {
  const earliest = await page.getByLabel(field, { exact: true }).getAttribute("min");
  const at = new Date(`${earliest}:00Z`);
  at.setUTCMinutes(at.getUTCMinutes() + minutes);
  return at.toISOString().slice(0, 16);
}

/** Steps 1 and 2 but for the times. */
async function begun(page: Page, mode: string, name: string): Promise<void> {
  await go(page, "/w/demo/campaigns/new");
  await page.getByText(mode, { exact: true }).click();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(/edit\/2$/);
  await page.getByLabel("Name of the campaign").fill(name);
  await page.getByLabel("Sender", { exact: true }).selectOption({ index: 1 });
  await page.getByLabel("Message", { exact: true }).fill("It is time.");
}

/** The rest of the wizard; gives the path of the campaign. */
async function submitted(page: Page, recipients: number): Promise<string> {
  await page.getByRole("button", { name: "Save and continue" }).click();
  await page.waitForURL(/edit\/3$/);
  const campaign = new URL(page.url()).pathname.replace(/\/edit\/3$/, "");
  await go(page, `${campaign}/edit/4`);
  await page.getByLabel("One number a line").fill(numbers(recipients).join("\n"));
  await page.getByRole("button", { name: "Use these numbers" }).click();
  await expect(page.getByText(`of ${recipients} lines are recipients.`)).toBeVisible();
  await go(page, `${campaign}/edit/5`);
  await page.getByRole("button", { name: "Submit for approval" }).click();
  await page.waitForURL((url) => url.pathname === campaign);
  return campaign;
}

test("a scheduled campaign waits for its minute and is sent in it", async ({ person }) => {
  test.setTimeout(PATIENCE_MS + 60_000);
  const author = await person("Ada Author");
  await begun(author, "Scheduled", "At its time");
  const start = await later(author, "Start", AHEAD_MINUTES);
  await author.getByLabel("Start", { exact: true }).fill(start);
  const campaign = await submitted(author, 5);
  await approve(await person("Max Moderator"), campaign);
  await expect(author.getByText("Pending", { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  expect(await figures(author)).toMatchObject({ Waiting: 5 });
  await looked(author, "campaign-scheduled");
  await expect(author.getByText("Done", { exact: true }).first()).toBeVisible({ timeout: PATIENCE_MS });
  expect(await figures(author)).toMatchObject({ Delivered: 5 });
  await go(author, `${campaign}?tab=parameters`);
  const first = author.getByText("First message", { exact: true }).locator("xpath=following-sibling::*[1]");
  await expect(first).toContainText(start.replace("T", " "));
});

test("what is due of a spread campaign is sent, and the rest waits", async ({ person }) => {
  test.setTimeout(PATIENCE_MS + 60_000);
  const author = await person("Ada Author");
  await begun(author, "Spread", "Over half an hour");
  await author.getByLabel("From", { exact: true }).fill(await later(author, "From", AHEAD_MINUTES));
  await author.getByLabel("To", { exact: true }).fill(await later(author, "From", AHEAD_MINUTES + 30));
  // One every six seconds.
  const campaign = await submitted(author, 300);
  await approve(await person("Max Moderator"), campaign);
  await expect(author.getByText("Sending", { exact: true }).first()).toBeVisible({ timeout: PATIENCE_MS });
  await expect(async () => expect((await figures(author)).Delivered).toBeGreaterThanOrEqual(2)).toPass({ timeout: 60_000 });
  const { Delivered, Waiting } = await figures(author);
  expect(Delivered!, "no more than what is due").toBeLessThan(30);
  expect(Waiting!).toBeGreaterThan(250);
  await author.getByRole("button", { name: "Cancel campaign" }).click();
  await author.getByRole("dialog").getByRole("button", { name: "Cancel campaign" }).click();
  await expect(author.getByText("Cancelled", { exact: true }).first()).toBeVisible();
});
