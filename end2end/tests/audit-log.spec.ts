// What was done is on record: an admin finds it, follows it and takes it along, and the records prove to be whole.
import fs from "node:fs";

import type { Page } from "@playwright/test";

import { approve, submitted } from "../support/campaign";
import { OTHER, ROOT, expect, fresh, installation, signIn } from "../support/installation";
import { looked } from "../support/look";
import { address } from "../support/people";
import { command } from "../support/server";
import { hydrated } from "../support/test";

const test = installation();

/** The file that a button gives. */
async function downloaded(page: Page, button: string): Promise<{ name: string; text: string }> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  const file = await download;
  return { name: file.suggestedFilename(), text: fs.readFileSync(await file.path(), "utf8") };
}

test.describe("the log of a workspace", () => {
  // A day that is none: the browser itself complains of it in a field for days.
  test.use({ expectedConsole: [/status of (403|404|422)|The specified value "yesterday"/] });

  test("is narrowed in the address, followed from a record, and exported", async ({ person }) => {
    test.setTimeout(120_000);
    const [author, moderator, admin] = [await person("Ada Author"), await person("Max Moderator"), await person("Ana Admin")];
    const name = "=1+1 On record";
    const campaign = await submitted(author, { name });
    await approve(moderator, campaign);
    await author.goto("/w/demo");
    await hydrated(author);
    await expect(author.getByRole("link", { name: "Audit", exact: true })).toHaveCount(0);
    const refused = await author.request.get("/w/demo/audit");
    expect([403, 404]).toContain(refused.status());

    await admin.goto("/w/demo");
    await hydrated(admin);
    await admin.getByRole("link", { name: "Audit", exact: true }).click();
    await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Audit");
    const rows = admin.getByRole("table").getByRole("row");
    const approved = rows.filter({ hasText: "campaign.approved" }).first();
    await expect(approved).toContainText("Max Moderator");
    await expect(approved).toContainText("Moderator");
    await looked(admin, "audit");

    await admin.getByLabel("What", { exact: true }).selectOption({ label: "Campaigns" });
    await admin.getByLabel(/^Who/).fill(address("Ada Author"));
    await admin.getByRole("button", { name: "Apply" }).click();
    await admin.waitForURL((url) => url.search === "?who=ada%40demo.example&action=campaign");
    await expect(rows.filter({ hasText: "campaign.submitted" }).first()).toBeVisible();
    await expect(rows.filter({ hasText: "Max Moderator" })).toHaveCount(0);
    await looked(admin, "audit-filtered");

    // From a record to all of its kind, and back.
    const submission = rows.filter({ hasText: "campaign.submitted" }).first();
    await submission.getByText("Details").click();
    await expect(submission.getByText("Browser", { exact: true })).toBeVisible();
    await looked(admin, "audit-details");
    await submission.getByRole("link", { name: "All of this kind" }).click();
    await admin.waitForURL((url) => url.search === "?action=campaign.submitted");
    await expect(rows.filter({ hasText: "campaign.created" })).toHaveCount(0);
    await expect(admin.getByLabel("What", { exact: true })).toHaveValue("campaign.submitted");
    await admin.goBack();
    await expect(admin.getByLabel(/^Who/)).toHaveValue(address("Ada Author"));
    await expect(admin.getByLabel("What", { exact: true })).toHaveValue("campaign");

    const csv = await downloaded(admin, "Export as CSV");
    expect(csv.name).toBe("audit-demo.csv");
    const lines = csv.text.trim().split(/\r?\n/);
    expect(lines[0]).toMatch(/action/);
    expect(csv.text).toContain("campaign.submitted");
    expect(csv.text, "no cell is a formula to a spreadsheet").not.toMatch(/(^|[,\n]|",")"?=1\+1/);
    expect(csv.text, "the filters go along").not.toContain("max@demo.example");
    const json = await downloaded(admin, "Export as JSON lines");
    expect(json.name).toBe("audit-demo.jsonl");
    const records = json.text.trim().split("\n").map((line) => JSON.parse(line) as { action: string });
    expect(records.length).toBeGreaterThan(0);
    expect(records.every((record) => record.action.startsWith("campaign."))).toBe(true);

    await admin.getByRole("link", { name: "Clear" }).click();
    await admin.waitForURL((url) => url.pathname === "/w/demo/audit" && url.search === "");
    await expect(rows.filter({ hasText: "audit.exported" })).toHaveCount(2);
    await expect(admin.getByLabel(/^Who/)).toHaveValue("");
    await admin.goto("/w/demo/audit?who=nobody@demo.example");
    await expect(admin.getByText("Nothing is on record for these filters")).toBeVisible();
    await looked(admin, "audit-nothing");
    await admin.goto("/w/demo/audit?from=yesterday");
    await expect(admin.getByText("A day has the form 2026-11-20.")).toBeVisible();

    await admin.goto(`${campaign}?tab=audit`);
    await hydrated(admin);
    await expect(admin.getByRole("row").filter({ hasText: "campaign.approved" })).toContainText("Max Moderator");
    await looked(admin, "audit-of-campaign");
  });
});

test.describe("the log of the installation", () => {
  test.use({ expectedConsole: [/status of (401|404|422)/] });

  test("tells super admins of sign-ins, and nobody else of anything", async ({ browser, server, expectedConsole, signedIn }) => {
    const guest = await fresh(browser, server, expectedConsole);
    await signIn(guest.page, OTHER.admin.email, "not the password");
    await expect(guest.page.getByLabel("Password")).toHaveAccessibleDescription(/do not belong together/);
    await guest.page.context().close();
    const root = await signedIn(ROOT.email);
    await root.goto("/installation/audit");
    await hydrated(root);
    await expect(root.getByRole("row").filter({ hasText: "sign_in.failed" }).first()).toContainText("Unknown");
    await looked(root, "installation-audit");
    const olga = await signedIn(OTHER.admin.email);
    expect((await olga.goto("/installation/audit"))?.status()).toBe(404);
    expect((await olga.goto("/w/demo/audit"))?.status()).toBe(404);
  });
});

test("after all of it the log proves to be whole", async ({ server, person }) => {
  test.setTimeout(120_000);
  const author = await person("Ada Author");
  await submitted(author, { name: "Verified" });
  await author.context().close();
  let said = "";
  await server.restart(() => (said = command(server, "audit", "verify")));
  expect(said).toMatch(/^[1-9]\d* records in [1-9]\d* logs looked at, along with [1-9]\d* checkpoints\.$/m);
  expect(said).toContain("The audit log holds.");
});
