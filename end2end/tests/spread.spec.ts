// Spread: a window in the wizard, its refusals beside their fields, the plan, and the way to Pending.
import type { Page } from "@playwright/test";

import { approve, numbers } from "../support/campaign";
import { go, looked } from "../support/look";
import { expect, test } from "../support/people";

/** A time of the workspace's zone as a form has it, so many minutes from now. */
async function inMinutes(page: Page, minutes: number): Promise<string> {
  const now = await page.getByLabel("From", { exact: true }).getAttribute("min");
  const at = new Date(`${now}:00Z`);
  at.setUTCMinutes(at.getUTCMinutes() + minutes);
  return at.toISOString().slice(0, 16);
}

test.use({ expectedConsole: [/status of 422/] });

test("a campaign is spread over a window", async ({ person }) => {
  test.setTimeout(120_000);
  const author = await person("Ada Author");
  await go(author, "/w/demo/campaigns/new");
  await author.getByText("Spread", { exact: true }).click();
  await expect(author.getByRole("radio", { name: "Spread" })).toBeChecked();
  await author.getByRole("button", { name: "Continue" }).click();
  await author.waitForURL(/edit\/2$/);
  await author.getByLabel("Name of the campaign").fill("Over the day");
  await author.getByLabel("Sender", { exact: true }).selectOption({ index: 1 });
  await author.getByLabel("Message", { exact: true }).fill("Your turn.");
  await looked(author, "wizard-2-spread");

  const [from, to] = ["From", "To"].map((label) => author.getByLabel(label, { exact: true })) as [ReturnType<Page["getByLabel"]>, ReturnType<Page["getByLabel"]>];
  const save = author.getByRole("button", { name: "Save and continue" });
  await from.fill(await inMinutes(author, 60));
  await to.fill(await inMinutes(author, 70));
  await save.click();
  await expect(to).toHaveAccessibleDescription(/30 minutes at least/);
  await author.getByLabel("Segments a day at most").fill("0");
  await to.fill(await inMinutes(author, 60));
  await save.click();
  await expect(to).toHaveAccessibleDescription(/not after its start/);
  await expect(author.getByLabel("Segments a day at most")).toHaveAccessibleDescription(/whole segments a day/);
  await looked(author);
  await author.getByLabel("Segments a day at most").fill("");
  await to.fill(await inMinutes(author, 60 + 2 * 24 * 60));
  await save.click();
  await author.waitForURL(/edit\/3$/);
  const campaign = new URL(author.url()).pathname.replace(/\/edit\/3$/, "");

  await go(author, `${campaign}/edit/4`);
  await author.getByLabel("One number a line").fill(numbers(300).join("\n"));
  await author.getByRole("button", { name: "Use these numbers" }).click();
  await expect(author.getByText("300 of 300 lines are recipients.")).toBeVisible();
  await go(author, `${campaign}/edit/5`);
  const days = author.getByRole("region", { name: "Recipients by day" });
  const shares = await days.getByRole("row").locator("td:last-child").allInnerTexts();
  expect(shares.map(Number).reduce((sum, share) => sum + share, 0)).toBe(300);
  await looked(author, "wizard-5-spread");
  await author.getByRole("button", { name: "Submit for approval" }).click();
  await author.waitForURL((url) => url.pathname === campaign);

  const moderator = await person("Max Moderator");
  await go(moderator, campaign);
  await expect(moderator.getByText("Who is due when")).toBeVisible();
  await approve(moderator, campaign);
  await expect(moderator.getByText("Pending", { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  await looked(moderator, "campaign-spread");
});
