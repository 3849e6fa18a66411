// A new user's job at full length: a file of 100,000 recipients with everything that real files have, from the upload to
// Done. Each figure is held against what the file was made of, and the SMSC's list against the file's numbers.
import { approve, draft, figures } from "../support/campaign";
import { expect, test } from "../support/people";
import { recipientFile } from "../support/recipients";
import { freePort, startServer } from "../support/server";
import { link, simulator } from "../support/smsc";
import { expectAccessible, hydrated } from "../support/test";

const RECIPIENTS = 100_000;
const spoken = (count: number) => count.toLocaleString("en");

/** The cells of a CSV file whose cells hold no line breaks. */
function rows(csv: string): string[][] {
  const lines = csv.split("\r\n").filter(Boolean);
  return lines.map((line) =>
    [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((cell) => cell[1]?.replaceAll('""', '"') ?? cell[2] ?? ""),
  );
}

test("100,000 recipients from the upload to Done, and every sum is right", async ({ person, afterwards }) => {
  test.setTimeout(180_000);
  const file = recipientFile(RECIPIENTS);
  const port = await freePort();
  const smsc = await simulator(port);
  afterwards(smsc.stop);
  const server = await startServer(["--demo"], link(port, "window = 1000\nis_simulator = true"));
  afterwards(server.stop);
  const page = await person("Ada Author", { server });
  const campaign = await draft(page, { name: "To everybody", text: "Dear {first_name}, the water is off in {city} tonight." });
  await page.getByLabel(/Choose a .txt or .csv file/).setInputFiles({ name: "staff.csv", mimeType: "text/csv", buffer: file.bytes });
  await expect(page.getByText("UTF-8, columns separated by “;”, with a header")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByLabel("The column with the phone numbers")).toHaveValue("1");
  await page.getByRole("button", { name: "Read the file" }).click();

  const lines = RECIPIENTS + file.duplicates + file.rejects.size;
  await expect(page.getByText(`${spoken(RECIPIENTS)} of ${spoken(lines)} lines are recipients.`)).toBeVisible({ timeout: 60_000 });
  const report = { Accepted: RECIPIENTS, Duplicate: file.duplicates, Suppressed: 0, Invalid: file.rejects.size };
  for (const [term, count] of Object.entries(report)) {
    await expect(page.getByRole("term").filter({ hasText: term }).locator("xpath=following-sibling::dd")).toHaveText(spoken(count));
  }
  await expectAccessible(page);

  // The report names each bad line and its reason, and no other, with numbers masked.
  const address = await page.getByRole("link", { name: /Download the (invalid )?lines/ }).getAttribute("href");
  const answer = await page.request.get(address!);
  const [header, ...rejected] = rows(await answer.text());
  expect(header).toEqual(["line", "reason", "text"]);
  expect(rejected.map(([line, reason]) => [Number(line), reason])).toEqual([...file.rejects]);
  expect(rejected.filter(([, , text]) => /\d\D*\d\D*\d\D*\d\D*\d\D*\d/.test(text!))).toEqual([]);

  await page.getByRole("link", { name: "Go on to the review" }).click();
  await page.waitForURL(/edit\/5$/);
  await page.getByRole("button", { name: "Submit for approval" }).click();
  await page.waitForURL((url) => url.pathname === campaign);
  await approve(await person("Max Moderator", { server }), campaign);

  // Pages whose figures move while they come are taken over by the script all the same.
  for (const address of ["/w/demo", "/w/demo/campaigns", `${campaign}?tab=recipients`, `${campaign}?tab=audit`, campaign, campaign]) {
    await page.goto(address);
    await hydrated(page);
  }
  // The author's page follows by itself.
  await expect(page.getByText("Every recipient has a final state.")).toBeVisible({ timeout: 120_000 });
  await page.goto(campaign);
  await hydrated(page);
  await expect.poll(() => figures(page)).toEqual({
    Delivered: RECIPIENTS,
    Sent: 0,
    "Being sent": 0,
    Waiting: 0,
    Failed: 0,
    Uncertain: 0,
    "No receipt": 0,
    "Not sent": 0,
  });
  await expect(page.getByText(`${spoken(RECIPIENTS)} of ${spoken(RECIPIENTS)} recipients sent`)).toBeVisible();

  const accepted = smsc.accepted().sort();
  expect(accepted.length, "one message for each recipient").toBe(RECIPIENTS);
  expect(accepted.join() === [...file.recipients].sort().join(), "to the numbers of the file, once each").toBe(true);
});
