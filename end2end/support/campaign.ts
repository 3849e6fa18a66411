// The wizard's way, for tests that are about something else.
import type { Page } from "@playwright/test";

import { expect, hydrated } from "./test";

export interface Draft {
  name: string;
  text?: string;
  slug?: string;
  /** As the wizard offers it; the first one unless said. */
  sender?: string;
  /** The link or pool, where there are several. */
  channel?: string;
}

/** Steps 1 to 3; ends at step 4. Gives the path of the campaign. */
export async function draft(page: Page, { name, text = "Planned maintenance tonight.", slug = "demo", sender, channel }: Draft): Promise<string> {
  await page.goto(`/w/${slug}/campaigns/new`);
  await hydrated(page);
  await page.getByRole("radio", { name: /^On.demand/i }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(/edit\/2$/);
  const campaign = new URL(page.url()).pathname.replace(/\/edit\/2$/, "");
  await page.getByLabel("Name of the campaign").fill(name);
  await page.getByLabel("Sender", { exact: true }).selectOption(sender === undefined ? { index: 1 } : { label: sender });
  if (channel !== undefined) await page.getByLabel("Channel").selectOption({ label: channel });
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Save and continue" }).click();
  await page.waitForURL(/edit\/3$/);
  await page.goto(`${campaign}/edit/4`);
  await hydrated(page);
  return campaign;
}

/** Numbers of a range in which nobody has a phone. */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `+43670${String(index).padStart(7, "0")}`);
}

/** A submitted campaign to `recipients` pasted numbers; gives its path. */
export async function submitted(page: Page, options: Draft & { recipients?: number }): Promise<string> {
  const campaign = await draft(page, options);
  const recipients = numbers(options.recipients ?? 3);
  await page.getByLabel("One number a line").fill(recipients.join("\n"));
  await page.getByRole("button", { name: "Use these numbers" }).click();
  await expect(page.getByText(`of ${recipients.length.toLocaleString("en")} lines are recipients.`)).toBeVisible();
  await page.goto(`${campaign}/edit/5`);
  await hydrated(page);
  await page.getByRole("button", { name: "Submit for approval" }).click();
  await page.waitForURL((url) => url.pathname === campaign);
  return campaign;
}

/** Approves what is on the campaign's page. */
export async function approve(page: Page, campaign: string): Promise<void> {
  await page.goto(campaign);
  await hydrated(page);
  await page.getByRole("button", { name: /^Approve/ }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: /^Approve version/ }).click();
  await expect(page.getByText("The campaign was approved.")).toBeVisible();
}

/** The figures of a campaign's progress, by the names of the states. */
export async function figures(page: Page): Promise<Record<string, number>> {
  const panel = page.getByRole("region", { name: "Progress" });
  const [names, counts] = await Promise.all([
    panel.getByRole("term").allInnerTexts(),
    panel.getByRole("definition").allInnerTexts(),
  ]);
  return Object.fromEntries(names.map((name, index) => [name.trim(), Number(counts[index]!.replaceAll(",", ""))]));
}
