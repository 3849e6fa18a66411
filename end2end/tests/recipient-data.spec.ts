// Data of recipients: numbers that get no messages, delivery records as files, and one number over all campaigns.
import fs from "node:fs";

import type { Download, Page } from "@playwright/test";

import { approve, draft, figures, submitted } from "../support/campaign";
import { go, looked } from "../support/look";
import { expect, test } from "../support/people";

async function text(download: Download): Promise<string> {
  return fs.readFileSync(await download.path(), "utf8");
}

async function downloaded(page: Page, click: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  return text(download);
}

/** The number beside a tile's name. */
function tile(page: Page, region: string, name: string) {
  const panel = page.getByRole("region", { name: region });
  return panel.getByRole("term").filter({ hasText: new RegExp(`^${name}$`) }).locator("xpath=following-sibling::dd");
}

// A number that is none and one that is not on the list are refused, and the browser says so in its own words.
test.use({ expectedConsole: [/status of 422/] });

test("suppressed numbers are left out of a file, and what is suppressed later gets nothing", async ({ person }) => {
  test.setTimeout(120_000);
  // Of nobody else: what is suppressed here is so for every other test of this workspace.
  const [first, second, third, fourth] = ["+436705550001", "+436705550002", "+436705550003", "+436705550004"];
  const admin = await person("Ana Admin");
  await go(admin, "/w/demo/settings");
  await admin.getByRole("link", { name: "Suppression list" }).click();
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Suppression list");
  await looked(admin, "suppression-empty");

  await admin.getByLabel("Numbers", { exact: true }).fill(`${first}\nno number`);
  await admin.getByRole("button", { name: "Add" }).click();
  await expect(admin.getByLabel("Numbers", { exact: true })).toHaveAccessibleDescription(/Line 2: /);
  await admin.getByLabel("Numbers", { exact: true }).fill(`${first}\n0670 555 0002`);
  await admin.getByRole("button", { name: "Add" }).click();
  await expect(admin.getByText("2 numbers added.")).toBeVisible();
  await expect(tile(admin, "On the list", "By hand")).toHaveText("2");

  const list = `phone,name\n${second},Bert\n${third},Cleo\n12,Nobody\n`;
  await admin.getByLabel("A .txt or .csv file").setInputFiles({ name: "list.csv", mimeType: "text/csv", buffer: Buffer.from(list) });
  await admin.getByRole("button", { name: "Import" }).click();
  await expect(tile(admin, "Import a file", "Added")).toHaveText("1", { timeout: 20_000 });
  await expect(tile(admin, "Import a file", "On the list already")).toHaveText("1");
  await expect(admin.getByRole("table", { name: "Lines that are no numbers" }).getByRole("row")).toHaveCount(2);
  await looked(admin, "suppression");

  await admin.getByLabel("Number", { exact: true }).fill(fourth);
  await admin.getByRole("button", { name: "Find" }).click();
  await expect(admin.getByLabel("Number", { exact: true })).toHaveAccessibleDescription(/not on the list/);
  await admin.getByLabel("Number", { exact: true }).fill(third);
  await admin.getByRole("button", { name: "Find" }).click();
  const found = admin.getByRole("region", { name: "This number is on the list" });
  await expect(found).toContainText("•••0003");
  await expect(found).toContainText("Import");
  expect(admin.url()).not.toMatch(/670/);
  await looked(admin, "suppression-found");
  const csv = await downloaded(admin, () => admin.getByRole("button", { name: "Download the list" }).click());
  expect(csv.split("\r\n").filter(Boolean)).toHaveLength(4);
  expect(csv).toContain(`${third.slice(1)},Import,`);
  await found.getByRole("button", { name: "Take it off the list" }).click();
  await expect(admin.getByText("The number was taken off the list.")).toBeVisible();
  await expect(tile(admin, "On the list", "Numbers")).toHaveText("2");

  const author = await person("Ada Author");
  const campaign = await draft(author, { name: "Some are left out" });
  await author.getByLabel("One number a line").fill([first, second, third, fourth].join("\n"));
  await author.getByRole("button", { name: "Use these numbers" }).click();
  await expect(author.getByText("2 of 4 lines are recipients.")).toBeVisible();
  await expect(author.getByRole("term").filter({ hasText: "Suppressed" }).locator("xpath=following-sibling::dd")).toHaveText("2");
  await go(author, `${campaign}?tab=job_errors`);
  await expect(author.getByRole("cell", { name: /on the suppression list/ })).toHaveCount(2);
  await go(author, `${campaign}/edit/5`);
  await author.getByRole("button", { name: "Submit for approval" }).click();
  await author.waitForURL((url) => url.pathname === campaign);
  // Behind the file.
  await admin.getByLabel("Numbers", { exact: true }).fill(third);
  await admin.getByRole("button", { name: "Add" }).click();
  await expect(admin.getByText("1 number added.")).toBeVisible();
  await approve(await person("Max Moderator"), campaign);
  await expect(author.getByText("Every recipient has a final state.")).toBeVisible({ timeout: 60_000 });
  await go(author, campaign);
  expect(await figures(author)).toMatchObject({ Delivered: 1, "Not sent": 1, Waiting: 0 });
  await go(author, `${campaign}?tab=message_errors`);
  await expect(author.getByText(/came onto the suppression list after its file was read/)).toBeVisible();
  await looked(author);
});

test("delivery records are asked for, built and downloaded", async ({ person }) => {
  const author = await person("Ada Author");
  const campaign = await submitted(author, { name: "To be exported", recipients: 20 });
  await approve(await person("Max Moderator"), campaign);
  await expect(author.getByText("Every recipient has a final state.")).toBeVisible({ timeout: 60_000 });
  await author.getByRole("link", { name: "Export" }).click();
  await expect(author.getByText("No exports")).toBeVisible();
  await expect(author.getByLabel("With full numbers")).toHaveCount(0);
  await author.getByRole("button", { name: "Export" }).click();
  const files = author.getByRole("table", { name: /^Exports of this campaign/ });
  await expect(files.getByText("Ready")).toBeVisible({ timeout: 20_000 });
  await looked(author, "campaign-export");
  const csv = await downloaded(author, () => files.getByRole("button", { name: /^Download/ }).click());
  const lines = csv.split("\r\n").filter(Boolean);
  expect(lines).toHaveLength(21);
  expect(lines[1]).toMatch(/^1,•••\d{4},[0-9a-f]{64},Delivered,/);
  expect(csv).not.toContain("43670");

  const admin = await person("Ana Admin");
  await go(admin, `${campaign}?tab=export`);
  await admin.getByLabel("Format").selectOption("txt");
  await admin.getByLabel("With full numbers").check();
  await admin.getByRole("button", { name: "Export" }).click();
  const full = admin.getByRole("row").filter({ hasText: "Full" });
  await expect(full.getByText("Ready")).toBeVisible({ timeout: 20_000 });
  const records = await downloaded(admin, () => full.getByRole("button", { name: /^Download/ }).click());
  expect(records.split("\r\n")[1]).toMatch(/^1\t43670\d{7}\t/);
  // The author sees that there is one, and cannot take it.
  await go(author, `${campaign}?tab=export`);
  await expect(author.getByRole("row").filter({ hasText: "Full" }).getByRole("button", { name: /^Download/ })).toHaveCount(0);
  await full.getByRole("button", { name: /^Remove/ }).click();
  await expect(full).toHaveCount(0);
  await go(admin, `${campaign}?tab=audit`);
  await expect(admin.getByRole("main")).toContainText("export.downloaded");
});

test("one number is given out and erased over all campaigns", async ({ person }) => {
  const author = await person("Ada Author");
  const campaign = await draft(author, { name: "With a number less" });
  const [first, second] = ["+436709999991", "+436709999992"];
  await author.getByLabel("One number a line").fill([first, second].join("\n"));
  await author.getByRole("button", { name: "Use these numbers" }).click();
  await expect(author.getByText("2 of 2 lines are recipients.")).toBeVisible();

  const admin = await person("Ana Admin");
  await go(admin, "/w/demo/settings");
  await admin.getByRole("link", { name: "One number" }).click();
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("One number");
  await looked(admin, "one-number");
  const known = admin.getByRole("region", { name: "What is known of it" });
  await known.getByLabel("Number").fill(first);
  const csv = await downloaded(admin, () => known.getByRole("button", { name: "Download" }).click());
  expect(csv).toContain("With a number less");
  const erase = admin.getByRole("region", { name: "Erase it" });
  await erase.getByLabel("Number").fill(first);
  await erase.getByRole("button", { name: "Erase for good" }).click();
  await expect(admin.getByText("Erased: 1 recipient in 1 campaign. Their exports were removed.")).toBeVisible();
  expect(admin.url()).not.toMatch(/670/);
  await go(author, `${campaign}?tab=recipients`);
  await expect(author.getByRole("rowheader", { name: "erased" })).toHaveCount(1);
  await expect(author.getByRole("rowheader", { name: "•••9992" })).toHaveCount(1);
  await go(admin, "/w/demo/suppression");
  await admin.getByLabel("Number", { exact: true }).fill(first);
  await admin.getByRole("button", { name: "Find" }).click();
  await expect(admin.getByRole("region", { name: "This number is on the list" })).toContainText("Erasure");

  // How long recipients are kept.
  await go(admin, "/w/demo/settings");
  await admin.getByLabel(/^Days that recipients are kept/).fill("30");
  await admin.getByRole("button", { name: "Set the time" }).click();
  await expect.poll(async () => {
    await go(admin, "/w/demo/settings");
    return admin.getByLabel(/^Days that recipients are kept/).inputValue();
  }).toBe("30");
  await looked(admin, "settings");
});
