// Files that are no lists of recipients, and lists that do not arrive: each time the page says what is wrong and what to
// do, and the draft is still there.
import fs from "node:fs";

import type { Page } from "@playwright/test";

import { draft } from "../support/campaign";
import { expect, test } from "../support/people";
import { proxy } from "../support/proxy";
import { expectAccessible, hydrated } from "../support/test";

const TEXT = "The water is off tonight.";
const MIB = 1 << 20;

async function choose(page: Page, name: string, content: string | Buffer): Promise<void> {
  const other = page.getByText("Use other recipients instead");
  if (await other.isVisible()) await other.click();
  // On disk, where the browser reads it piece by piece.
  const file = test.info().outputPath(name);
  fs.writeFileSync(file, content);
  await page.getByLabel(/Choose a .txt or .csv file/).setInputFiles(file);
}

/** Nothing of the draft got lost, and a good file is taken after all. */
async function expectDraftIntact(page: Page, campaign: string, name: string): Promise<void> {
  await choose(page, "good.txt", "+436700000001\n+436700000002\n");
  await page.getByRole("button", { name: "Read the file" }).click();
  await expect(page.getByText("2 of 2 lines are recipients.")).toBeVisible();
  await page.goto(`${campaign}/edit/2`);
  await hydrated(page);
  await expect(page.getByLabel("Name of the campaign")).toHaveValue(name);
  await expect(page.getByLabel("Message", { exact: true })).toHaveValue(TEXT);
}

/** Random octets, the same at every run, with the zeros that text does not have. */
function noise(): Buffer {
  const octets = Buffer.alloc(64 * 1024);
  for (let index = 0, state = 1; index < octets.length; index++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    octets[index] = state >>> 16;
  }
  return octets;
}

test.describe("a file that cannot be used", () => {
  // The server refuses an empty file; what the others hold is found out later.
  test.use({ expectedConsole: [/status of 422/] });

  test("is named for what it is, with what to do", async ({ person }) => {
    const page = await person("Ada Author");
    const name = "Files that are no lists";
    const campaign = await draft(page, { name, text: TEXT });
    const alert = page.getByRole("alert");

    await choose(page, "empty.csv", "");
    await expect(alert).toHaveText("The file is empty. Choose another.");
    for (const [file, content, said] of [
      ["noise.csv", noise(), "This is not a text file; export the list as CSV (UTF-8) and upload that"],
      ["list.pdf", "%PDF-1.7\n%âãÏÓ\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "This is a PDF; upload the list it was made from as CSV or text"],
      ["blank.txt", "\r\n \r\n", "The file is empty; choose another"],
      ["header.csv", "\uFEFFfirst_name;phone\r\n", "The file has a header and no lines below it; add the numbers, or choose another file"],
    ] as const) {
      await choose(page, file, content);
      await expect(alert).toContainText(`“${file}” cannot be used`);
      await expect(alert).toContainText(said);
    }
    await expectAccessible(page);
    await expectDraftIntact(page, campaign, name);
  });

  test("is warned of when it has no numbers in it", async ({ person }) => {
    const page = await person("Ada Author");
    const name = "Files without numbers";
    const campaign = await draft(page, { name, text: TEXT });
    const alert = page.getByRole("alert");

    await choose(page, "people.csv", "name;phone\r\nAnna;unknown\r\nBert;none\r\n");
    await expect(page.getByText("No phone number in the first lines")).toBeVisible();
    await expectAccessible(page);
    // Nothing is read before somebody has said which column it is.
    await page.getByRole("button", { name: "Read the file" }).click();
    const column = page.getByLabel("The column with the phone numbers");
    expect(await column.evaluate((select: HTMLSelectElement) => select.validity.valueMissing)).toBe(true);
    await column.selectOption({ label: "phone" });
    await page.getByRole("button", { name: "Read the file" }).click();
    await expect(alert).toContainText("“people.csv” cannot be used");
    await expect(alert).toContainText("None of the lines is a recipient (2 invalid, 0 duplicate, 0 suppressed); line 2: contains something other than digits");

    await choose(page, "names.txt", "Anna\nBert\n");
    await expect(page.getByText("No phone number in the first lines")).toBeVisible();
    await page.getByRole("button", { name: "Read the file" }).click();
    await expect(alert).toContainText("“names.txt” cannot be used");
    await expectDraftIntact(page, campaign, name);
  });
});

test("one line of 45 MB is refused, and does not fill the page", async ({ person }) => {
  const page = await person("Ada Author");
  const name = "One long line";
  const campaign = await draft(page, { name, text: TEXT });
  await choose(page, "line.txt", Buffer.alloc(45_000_000, "6701234567"));
  await expect(page.getByText("“line.txt” has arrived")).toBeVisible({ timeout: 30_000 });
  expect((await page.getByRole("main").innerText()).length).toBeLessThan(2_000);
  await page.getByRole("button", { name: "Read the file" }).click();
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("“line.txt” cannot be used", { timeout: 30_000 });
  await expect(alert).toContainText("The only line is no recipient (1 invalid, 0 duplicate, 0 suppressed); line 1: the line is longer than 64 KiB");
  await expectDraftIntact(page, campaign, name);
});

test("a file above the limit is refused before it is sent, and by the server too", async ({ person, server }) => {
  const page = await person("Ada Author");
  const name = "Too large a file";
  const campaign = await draft(page, { name, text: TEXT });
  const file = test.info().outputPath("large.csv");
  fs.writeFileSync(file, "");
  fs.truncateSync(file, 53_000_000);
  await page.getByLabel(/Choose a .txt or .csv file/).setInputFiles(file);
  const said = "The file has 53.0 MB, and one upload may have at most 52.4 MB. Split it, or ask your administrator.";
  await expect(page.getByRole("alert")).toHaveText(said);
  const headers = { origin: server.url, "content-type": "application/json" };
  const announced = { file_name: "large.csv", size_bytes: 53_000_000 };
  const answer = await page.request.post(`${campaign}/upload`, { headers, data: announced });
  expect(answer.status()).toBe(413);
  expect((await answer.json()).message).toContain("Split it, or ask your administrator.");
  await expectDraftIntact(page, campaign, name);
});

test("a file that ends in the middle of a character is not taken for whole", async ({ person }) => {
  const page = await person("Ada Author");
  const name = "Half a file";
  const campaign = await draft(page, { name, text: TEXT });
  const whole = Buffer.from("\uFEFF+436700000001\r\n+436700000002\r\n", "utf16le");
  await choose(page, "half.txt", whole.subarray(0, whole.length - 9));
  await page.getByRole("button", { name: "Read the file" }).click();
  await expect(page.getByRole("alert")).toContainText("The file is cut off in the middle of a character; upload it again");
  await expectDraftIntact(page, campaign, name);
});

test.describe("an upload that is cut", () => {
  // What was on its way when it was cut may arrive after the page has asked how far it is: then the page is told that its
  // place is an old one (409), and asks again.
  test.use({ expectedConsole: [/net::ERR_|status of 409/] });

  const report = "1,000 of 400,000 lines are recipients.";

  /** Three pieces and something. */
  function longFile(): Buffer {
    const line = (_: unknown, index: number) => `+43670${String(index % 1_000).padStart(7, "0")};${"x".repeat(20)}`;
    return Buffer.from(`phone;note\r\n${Array.from({ length: 400_000 }, line).join("\r\n")}\r\n`);
  }

  /** Where the pieces that are sent from now on begin. */
  function offsets(page: Page): number[] {
    const offsets: number[] = [];
    page.on("request", (request) => {
      if (request.method() === "PATCH") offsets.push(Number(request.headers()["upload-offset"]));
    });
    return offsets;
  }

  test("goes on by itself when the connection is back", async ({ person, server, afterwards }) => {
    const page = await person("Ada Author");
    const campaign = await draft(page, { name: "Cut and mended", text: TEXT });
    const wire = await proxy(server.url);
    afterwards(wire.stop);
    await page.goto(`${wire.url}${campaign}/edit/4`);
    await hydrated(page);
    wire.cut(6 * MIB);
    await choose(page, "long.csv", longFile());
    await expect(page.getByText(/The connection is away; .* have arrived and it goes on by itself/)).toBeVisible();
    const after = offsets(page);
    wire.mend();
    await expect(page.getByText("“long.csv” has arrived")).toBeVisible({ timeout: 30_000 });
    expect(Math.min(...after), "the first piece is not sent again").toBeGreaterThanOrEqual(4 * MIB);
    await page.getByRole("button", { name: "Read the file" }).click();
    await expect(page.getByText(report)).toBeVisible({ timeout: 30_000 });
  });

  test("goes on where it was when the page is opened again", async ({ person, server, afterwards }) => {
    const page = await person("Ada Author");
    const campaign = await draft(page, { name: "Cut and reloaded", text: TEXT });
    const wire = await proxy(server.url);
    afterwards(wire.stop);
    await page.goto(`${wire.url}${campaign}/edit/4`);
    await hydrated(page);
    wire.cut(6 * MIB);
    await choose(page, "long.csv", longFile());
    await expect(page.getByText("The connection is away")).toBeVisible();
    // The connection that was cut stays so: nothing of the old page goes on.
    await page.goto(`${server.url}${campaign}/edit/4`);
    await hydrated(page);
    await expect(page.getByText("The upload is not complete")).toBeVisible();
    await expect(page.getByText(/of “long\.csv” have arrived. Choose the same file again and it goes on from there\./)).toBeVisible();
    await expectAccessible(page);
    const after = offsets(page);
    await choose(page, "long.csv", longFile());
    await expect(page.getByText("“long.csv” has arrived")).toBeVisible({ timeout: 30_000 });
    expect(after[0], "it goes on behind the first piece").toBeGreaterThanOrEqual(4 * MIB);
    await page.getByRole("button", { name: "Read the file" }).click();
    await expect(page.getByText(report)).toBeVisible({ timeout: 30_000 });
  });
});
