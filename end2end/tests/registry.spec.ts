// From nothing to a message that is accepted: staff registers the brand, an admin the 10DLC campaign, carriers decide, a number
// is assigned, and an SMS campaign from it is delivered, until a carrier suspends it in mid-flight.
import type { Locator, Page } from "@playwright/test";

import { approve, figures, submitted } from "../support/campaign";
import { command } from "../support/server";
import { expect, installation } from "../support/installation";
import { go, looked } from "../support/look";
import { type Registry, registry } from "../support/registry";
import { hydrated } from "../support/test";

const TMOBILE = 10035;
const STAFF = { name: "Sam Staff", email: "sam@provider.example" };

let simulated: Registry;
const test = installation(async () => {
  simulated = await registry({ brands: "wait", carriers: { [TMOBILE]: "review" } });
  return simulated.config;
});

test.use({ expectedConsole: [/status of (403|422)/] });
test.afterAll(async () => simulated.stop());

/** What the registry's webhook tells comes by itself: nobody asks, and the page is opened again until it is there. */
async function told(page: Page, where: Locator, text: string): Promise<void> {
  await expect(async () => {
    await page.reload();
    await expect(where).toContainText(text, { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await hydrated(page);
}

test("from a brand to messages from a US number, and to their suspension in mid-flight", async ({ server, person, signedIn }) => {
  test.setTimeout(300_000);
  await server.restart(() => {
    const known = ["--password-file", `${server.dataDir}/password`];
    command(server, "user", "create", "--email", STAFF.email, "--name", STAFF.name, ...known);
    command(server, "staff", "assign", "--email", STAFF.email, "--workspace", "demo", "--role", "admin");
  });
  // Staff registers the brand; the registry takes its time to verify it.
  const staff = await signedIn(STAFF.email);
  await go(staff, "/w/demo/registry/brands/new");
  await staff.getByRole("link", { name: "Private company" }).click();
  await staff.getByLabel("Brand name").fill("Acme");
  await staff.getByLabel("Legal name").fill("Acme LLC");
  await staff.getByLabel("Tax number").fill("12-3456789");
  await staff.getByLabel("Line of business").selectOption("COMMUNICATION");
  await staff.getByLabel("Street").fill("1 Main Street");
  await staff.getByLabel("City").fill("Denver");
  await staff.getByLabel("State").fill("CO");
  await staff.getByLabel("Postal code").fill("80202");
  await staff.getByLabel("E-mail", { exact: true }).fill("compliance@acme.example");
  await staff.getByLabel("Phone", { exact: true }).fill("+13035550199");
  await staff.getByRole("button", { name: "Register the brand" }).click();
  await staff.waitForURL(/\/brands\/[0-9a-f-]{36}$/);
  const about = staff.locator("main");
  await expect(about.getByText("Verified", { exact: true })).toHaveCount(0);
  const called = about.getByText(/The registry calls it B[A-Z0-9]{6}/);
  const brand = /B[A-Z0-9]{6}/.exec(await called.innerText())![0];
  await simulated.identity(brand, "confirmed");
  await told(staff, about, "Ready");
  await expect(about.getByText("Verified", { exact: true })).toBeVisible();

  // The wizard: what is wrong is said while it is typed, and again when it is saved.
  const admin = await person("Ana Admin");
  await go(admin, "/w/demo/registry/campaigns/new");
  await expect(admin.getByText("Chosen", { exact: true })).toBeVisible();
  await looked(admin, "tendlc-new");
  await admin.getByRole("radio", { name: "Marketing" }).check({ force: true });
  await admin.getByRole("button", { name: "Continue" }).click();
  await admin.waitForURL(/edit\/2$/);
  const campaign = new URL(admin.url()).pathname.replace(/\/edit\/2$/, "");
  await admin.getByLabel("Description").fill("Acme tells its customers of offers.");
  await admin.getByLabel("How people agree").fill("Customers tick a box on acme.example/sms when they open an account.");
  await admin.getByRole("button", { name: "Save and continue" }).click();
  await expect(admin.getByLabel("Description")).toHaveAccessibleDescription(/at least 40 characters/);
  await looked(admin, "tendlc-purpose");
  await admin.getByLabel("Description").fill("Acme tells its customers of offers that they asked for, once a week.");
  await admin.getByRole("button", { name: "Save and continue" }).click();
  await admin.waitForURL(/edit\/3$/);

  const first = admin.getByLabel("Sample 1");
  await first.fill("Hi {name}, see bit.ly/sale for what is new this week");
  await expect(admin.getByText(/public shorteners such as bit\.ly/)).toBeVisible();
  await expect(admin.getByText(/square brackets/).last()).toBeVisible();
  await looked(admin, "tendlc-samples");
  await first.fill("Acme: [first name], new offers are in the shop. Reply STOP to opt out.");
  await expect(admin.getByText(/public shorteners such as/)).toHaveCount(0);
  // Marketing wants two.
  await expect(admin.getByLabel("Sample 2")).toHaveAttribute("required");
  await admin.getByLabel("Sample 2").fill("Acme: ten per cent off until Sunday. Reply STOP to opt out.");
  await admin.getByRole("button", { name: "Save and continue" }).click();
  await admin.waitForURL(/edit\/4$/);
  await admin.getByLabel("Answer to opting in").fill("Acme: offers come once a week. Reply HELP for help, STOP to opt out.");
  await admin.getByLabel("Answer to opting out").fill("Acme: you will get no more messages.");
  await admin.getByLabel("Answer to help").fill("Acme: write to help@acme.example for help.");
  await looked(admin, "tendlc-replies");
  await admin.getByRole("button", { name: "Save and continue" }).click();
  await admin.waitForURL(/edit\/5$/);
  await looked(admin, "tendlc-review");
  await admin.getByRole("button", { name: "Register it" }).click();
  await expect(admin.getByLabel(/The registry's terms are accepted/)).toHaveAccessibleDescription(/have to be accepted/);
  await admin.getByLabel(/The registry's terms are accepted/).check();
  await admin.getByRole("button", { name: "Register it" }).click();
  await admin.waitForURL((url) => url.pathname === campaign);

  // Carriers decide: one rejects, the repair is handed in, and it looks again.
  const carriers = admin.getByRole("region", { name: "Carriers", exact: true });
  const tmobile = carriers.getByRole("row").filter({ hasText: "T-Mobile" });
  await expect(tmobile).toContainText("In review");
  const registered = await admin.getByRole("region", { name: "Registration" }).getByText(/^C[A-Z0-9]{6}$/).innerText();
  await simulated.carrier(registered, TMOBILE, "reject", "samples do not show how often messages come", "SAMPLE_MESSAGE");
  await told(admin, tmobile, "Samples do not show how often messages come.");
  // The others carry it.
  await expect(admin.getByText("Partly active", { exact: true })).toBeVisible();
  await looked(admin, "tendlc-rejected");
  await tmobile.getByRole("link", { name: /Repair it in step 3/ }).click();
  await admin.waitForURL(/edit\/3$/);
  await hydrated(admin);
  await admin.getByLabel("Sample 2").fill("Acme, once a week: ten per cent off until Sunday. Reply STOP to opt out.");
  await admin.getByRole("button", { name: "Save and continue" }).click();
  await admin.waitForURL(/edit\/4$/);
  await go(admin, `${campaign}/edit/5`);
  await admin.getByRole("button", { name: "Hand in and resubmit" }).click();
  await admin.waitForURL((url) => url.pathname === campaign);
  await expect(tmobile).toContainText("In review");
  await simulated.carrier(registered, TMOBILE, "approve");
  await told(admin, tmobile, "Registered");

  // A sender name that is the number, approved by somebody else.
  const saddr = "13035550142";
  await go(admin, "/w/demo/senders/new");
  await admin.getByLabel("Name within the workspace").fill("Acme offers");
  await admin.getByLabel("SADDR: what phones show").first().fill(saddr);
  await admin.getByRole("button", { name: "Submit for approval" }).click();
  await admin.waitForURL(/\/senders\/[0-9a-f-]{36}$/);
  const moderator = await person("Max Moderator");
  await go(moderator, "/w/demo/moderation?tab=senders");
  await moderator.getByRole("button", { name: /^Approve.*Acme offers/ }).click();
  await moderator.getByRole("dialog").getByRole("button", { name: /^Approve revision/ }).click();
  await expect(moderator.getByText("was approved")).toBeVisible();

  // A number is in it, and in no other.
  await go(admin, campaign);
  await admin.getByLabel("Other numbers, one a line").fill("+43 1 5550100");
  await admin.getByRole("button", { name: "Assign", exact: true }).click();
  await expect(admin.getByLabel("Other numbers, one a line")).toHaveAccessibleDescription(/only US numbers/i);
  await admin.getByLabel("Other numbers, one a line").fill("(303) 555-0142");
  await admin.getByRole("button", { name: "Assign", exact: true }).click();
  const assigned = admin.getByRole("region", { name: "Numbers", exact: true });
  await expect(assigned.getByRole("row").filter({ hasText: `+${saddr}` })).toContainText("Active");
  await looked(admin, "tendlc-campaign");
  await go(admin, "/w/demo/registry/numbers");
  await expect(admin.getByRole("row").filter({ hasText: `+${saddr}` })).toContainText("Marketing for Acme");
  await admin.getByLabel("One number a line").fill("+13035550143");
  await admin.getByRole("button", { name: "Add", exact: true }).click();
  await expect(admin.getByRole("row").filter({ hasText: "+13035550143" })).toContainText("In none");
  await looked(admin, "tendlc-numbers");

  // Messages from it are approved, and delivered.
  const author = await person("Ada Author");
  const sender = `Acme offers · ${saddr} (revision 1)`;
  const firstSms = await submitted(author, { name: "New in the shop", sender });
  await approve(moderator, firstSms);
  await go(author, firstSms);
  await expect(author.getByText("Done", { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  expect((await figures(author))["Delivered"]).toBe(3);

  // A carrier suspends it in mid-flight: nothing more leaves, and it is said why.
  const secondSms = await submitted(author, { name: "Until Sunday", sender, recipients: 400 });
  await approve(moderator, secondSms);
  await go(author, secondSms);
  await expect.poll(async () => (await figures(author))["Delivered"]!, { timeout: 60_000 }).toBeGreaterThan(0);
  await simulated.carrier(registered, TMOBILE, "suspend", "traffic is not what was registered");
  await expect(author.getByText("Paused", { exact: true }).first()).toBeVisible({ timeout: 15_000 });
  await go(admin, campaign);
  await expect(tmobile).toContainText("Suspended");
  await looked(admin, "tendlc-suspended");
  await expect(author.locator("main")).toContainText("It goes on by itself once that is put right.");
  await looked(author, "campaign-suspended");
  // What had left by then gets its receipts.
  await expect.poll(async () => (await figures(author))["Sent"]!).toBe(0);
  const sent = (await figures(author))["Delivered"]!;
  expect(sent).toBeLessThan(400);

  // The brand loses its identity meanwhile: nothing leaves when the carrier lifts its suspension, before that is mended, too.
  await simulated.identity(brand, "not_confirmed");
  await told(admin, admin.locator("main"), "The registry has not verified the brand");
  await simulated.carrier(registered, TMOBILE, "unsuspend");
  await told(admin, tmobile, "Registered");
  await expect(admin.getByText("Held by its brand", { exact: true }).first()).toBeVisible();
  await looked(admin, "tendlc-held");
  await go(admin, "/w/demo/registry");
  await expect(admin.getByRole("row").filter({ hasText: registered })).toContainText("Held by its brand");
  await looked(admin, "registry-held");
  await expect(author.locator("main")).toContainText(/10DLC: [^.]*brand/);
  expect((await figures(author))["Delivered"]).toBe(sent);
  await simulated.identity(brand, "confirmed");
  await expect.poll(async () => (await figures(author))["Delivered"]!, { timeout: 60_000 }).toBeGreaterThan(sent);
  await go(admin, campaign);
  await expect(admin.getByText("Held by its brand", { exact: true })).toHaveCount(0);

  // Others read, and change nothing.
  await go(author, campaign);
  await expect(author.getByRole("heading", { level: 1 })).toHaveText("Marketing for Acme");
  for (const name of ["Assign", "Deactivate"]) await expect(author.getByRole("button", { name, exact: true })).toHaveCount(0);
  expect((await author.request.get(`${campaign}/edit/2`)).status()).toBe(403);
});
