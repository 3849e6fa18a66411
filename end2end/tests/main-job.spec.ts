// The main job with three people: a sender, a real file, the wizard, another person's approval, and messages that are
// sent over SMPP to the simulator and reported delivered.
import { looked, shot } from "../support/look";
import { type Person, expect, test } from "../support/people";
import { startServer } from "../support/server";

const RECIPIENTS = 600;

/** A file as people have them: BOM, CRLF, a header, duplicates in other forms, lines that are no numbers. */
function recipientFile(): { text: string; lines: number; duplicate: number; invalid: number } {
  const lines: string[] = [];
  for (let index = 0; index < RECIPIENTS; index++) {
    lines.push(`Name ${index};+43 670 ${String(index * 7919).padStart(7, "0")};Wien`);
  }
  lines.push("Again;0043 670 0000000;Wien", "Again;+436700007919;Wien", "Bad;no number;Graz", "Short;12345;Linz", "Empty;;Linz");
  return { text: `\uFEFFfirst_name;phone;city\r\n${lines.join("\r\n")}\r\n`, lines: lines.length, duplicate: 2, invalid: 3 };
}

test("from an upload to Done, with three people", async ({ person, afterwards }) => {
  test.setTimeout(240_000);
  // Of its own: the pages are shown as somebody new finds them.
  const server = await startServer(["--demo"]);
  afterwards(server.stop);
  const signedIn = (name: Person) => person(name, { server });
  const author = await signedIn("Ada Author");
  await looked(author, "overview-empty");
  await author.goto("/w/demo/campaigns/new");
  await looked(author, "wizard-1-mode");
  await author.getByRole("radio", { name: /^On.demand/i }).check();
  await author.getByRole("button", { name: "Continue" }).click();

  await author.waitForURL(/edit\/2$/);
  await author.getByLabel("Name of the campaign").fill("Maintenance tonight");
  await author.getByLabel("Sender", { exact: true }).selectOption({ index: 1 });
  await author.getByLabel("Message", { exact: true }).fill("Hello {first_name}, planned maintenance tonight 22:00–02:00.");
  await looked(author, "wizard-2-message");
  await author.getByRole("button", { name: "Save and continue" }).click();

  await author.waitForURL(/edit\/3$/);
  await looked(author, "wizard-3-smpp");
  await author.getByRole("link", { name: /continue/i }).or(author.getByRole("button", { name: /continue/i })).first().click();

  await author.waitForURL(/edit\/4$/);
  await looked(author, "wizard-4-recipients");
  const file = recipientFile();
  await author.getByLabel(/Choose a .txt or .csv file/).setInputFiles({
    name: "staff.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(file.text, "utf8"),
  });
  await expect(author.getByText("columns separated by “;”")).toBeVisible();
  await shot(author, "wizard-4-preview");
  await author.getByRole("button", { name: "Read the file" }).click();
  await expect(author.getByText(`${RECIPIENTS} of ${file.lines} lines are recipients.`)).toBeVisible({ timeout: 30_000 });
  await looked(author, "wizard-4-report");
  await author.getByRole("link", { name: "Go on to the review" }).click();

  await author.waitForURL(/edit\/5$/);
  await looked(author, "wizard-5-review");
  await author.getByRole("button", { name: /submit/i }).click();
  await author.waitForURL(/\/campaigns\/[0-9a-f-]{36}$/);
  const campaign = new URL(author.url()).pathname;

  const moderator = await signedIn("Max Moderator");
  await moderator.goto("/w/demo/moderation");
  await expect(moderator.getByRole("link", { name: "Maintenance tonight" })).toBeVisible();
  await looked(moderator, "moderation");
  await moderator.getByRole("button", { name: /^approve/i }).first().click();
  const dialog = moderator.getByRole("dialog");
  await shot(moderator, "moderation-approve");
  await dialog.getByRole("button", { name: /^approve/i }).click();
  await expect(moderator.getByRole("link", { name: "Maintenance tonight" })).toBeHidden();

  // The author's page follows by itself.
  await expect(author.getByText("Done", { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  await author.goto(campaign);
  await looked(author, "campaign-done");
  for (const tab of ["recipients", "job_errors", "message_errors", "audit"]) {
    await author.goto(`${campaign}?tab=${tab}`);
    await looked(author, `campaign-${tab}`);
  }
  await author.goto("/w/demo/campaigns");
  await expect(author.getByRole("link", { name: "Maintenance tonight" })).toBeVisible();
  await looked(author, "campaigns");

  const admin = await signedIn("Ana Admin");
  for (const page of ["senders", "senders/new", "members", "members/invitations", "members/requests", "members/roles"]) {
    await admin.goto(`/w/demo/${page}`);
    await looked(admin, page.replace("/", "-"));
  }
  await admin.goto("/w/demo");
  await looked(admin, "overview");
});
