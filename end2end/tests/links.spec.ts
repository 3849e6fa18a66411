// A carrier that is away, refuses, breaks off or talks nonsense: people are told which link, since when and why; campaigns
// wait and finish when it is back; and nobody gets a message twice or is left out.
import type { Page } from "@playwright/test";

import { approve, figures, numbers, submitted } from "../support/campaign";
import { expect, test } from "../support/people";
import { command, freePort, startServer } from "../support/server";
import { type Smsc, babble, link, simulator } from "../support/smsc";
import { expectAccessible, expectNoSidewaysScroll, hydrated, watched } from "../support/test";

const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d \+0[12]:00`;
/** Asked anew: what the page says by itself it says every ten seconds. */
const PATIENCE = { timeout: 20_000 };

async function expectBanner(page: Page, address: string, said: RegExp): Promise<void> {
  await expect(async () => {
    await page.goto(address);
    await expect(page.getByRole("status").filter({ hasText: "The link “Carrier”" })).toHaveText(said, { timeout: 500 });
  }).toPass(PATIENCE);
}

async function looked(page: Page): Promise<void> {
  await hydrated(page);
  await expectAccessible(page);
  await page.setViewportSize({ width: 320, height: 900 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** Each recipient got one message, and the figures say so. */
async function expectDone(page: Page, campaign: string, recipients: number, smsc: Smsc): Promise<void> {
  await expect(async () => {
    await page.goto(campaign);
    await expect(page.getByText("Every recipient has a final state.")).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 60_000 });
  const delivered = { Delivered: recipients, Sent: 0, "Being sent": 0, Waiting: 0, Failed: 0, Uncertain: 0, "No receipt": 0, "Not sent": 0 };
  expect(await figures(page)).toEqual(delivered);
  expect(smsc.accepted().sort()).toEqual(numbers(recipients).map((number) => number.slice(1)).sort());
}

test("a carrier that is away, talks nonsense or refuses: a campaign waits and goes on by itself", async ({ person, afterwards }) => {
  test.setTimeout(120_000);
  const port = await freePort();
  const server = await startServer(["--demo"], link(port));
  afterwards(server.stop);
  const page = await person("Ada Author", { server });
  // Nobody listens. Work goes on: drafting, submitting and approving need no carrier.
  await expectBanner(page, "/w/demo", new RegExp(`The link “Carrier” has been down since ${TIME}: no connection.*It keeps trying\\. Campaigns on it wait and go on by themselves, and nothing is lost\\.`));
  await expect(page.getByText("no real message leaves")).toHaveCount(0);
  const pulse = page.getByRole("region", { name: "Live Pulse" });
  await expect(pulse.getByRole("listitem")).toHaveText(new RegExp(`Carrier.*Down.*Since ${TIME}: no connection`));
  await looked(page);
  const campaign = await submitted(page, { name: "While the line is dead", recipients: 40 });
  await approve(await person("Max Moderator", { server }), campaign);
  await expect(async () => {
    await page.goto(campaign);
    await expect(page.getByText("The channel is down. It goes on by itself when the channel is back.")).toBeVisible({ timeout: 500 });
  }).toPass(PATIENCE);
  await expectBanner(page, campaign, /has been down since/);
  await looked(page);
  expect((await figures(page)).Waiting).toBe(40);

  // Somebody answers, and not in SMPP.
  const babbler = await babble(port);
  afterwards(babbler.stop);
  await expectBanner(page, campaign, /has been down since .*: the carrier's answer to the bind cannot be read/);
  await babbler.stop();

  // The carrier is there and lets nobody in for now.
  const refusing = await simulator(port, { refuse_bind: 0x08 });
  afterwards(refusing.stop);
  await expectBanner(page, campaign, /has been down since .*: the carrier refused the bind with 0x00000008 ESME_RSYSERR: system error at the carrier\. It keeps trying/);
  expect((await figures(page)).Waiting).toBe(40);
  await refusing.stop();

  const smsc = await simulator(port);
  afterwards(smsc.stop);
  await expectDone(page, campaign, 40, smsc);
  await expect(page.getByText("The link “Carrier”")).toHaveCount(0);
  await page.goto("/w/demo");
  await expect(pulse.getByRole("listitem")).toHaveText("CarrierUp");
});

test("a carrier that refuses the password: the link stops, and a super admin restarts it", async ({ person, browser, afterwards }) => {
  test.setTimeout(120_000);
  const port = await freePort();
  let smsc = await simulator(port, { refuse_bind: 0x0e });
  afterwards(() => smsc.stop());
  const server = await startServer(["--demo"], link(port));
  afterwards(server.stop);
  let root = "";
  await server.restart(() => {
    root = command(server, "user", "reset-link", "--email", "root@demo.example").trim();
  });
  const page = await person("Ada Author", { server });
  const stopped = new RegExp(`The link “Carrier” was stopped at ${TIME}: the carrier refused the bind with 0x0000000E ESME_RINVPASWD: invalid password\\. It does not try again by itself: a super admin restarts it, or corrects its settings\\. Campaigns on it wait, and nothing is lost\\.`);
  await expectBanner(page, "/w/demo", stopped);
  await expect(page.getByRole("button", { name: "Restart" })).toHaveCount(0);
  await looked(page);
  const campaign = await submitted(page, { name: "Behind a wrong password", recipients: 5 });
  await approve(await person("Max Moderator", { server }), campaign);
  await expectBanner(page, campaign, stopped);

  // The carrier takes the password now; nobody but a super admin lets the link try.
  await smsc.stop();
  smsc = await simulator(port);
  const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 } });
  const complaints = watched(context, []);
  const admin = await context.newPage();
  await admin.goto(root);
  await hydrated(admin);
  await admin.getByLabel("New password").fill("ten slow grey herons");
  await admin.getByLabel("The same again").fill("ten slow grey herons");
  await admin.getByRole("button", { name: "Set the password" }).click();
  await admin.waitForURL(/\/w\/demo$/);
  await looked(admin);
  const pulse = admin.getByRole("region", { name: "Live Pulse" });
  await pulse.getByRole("button", { name: "Restart Carrier" }).click();
  await expect(pulse.getByRole("listitem")).toHaveText("CarrierUp", PATIENCE);
  await expectDone(page, campaign, 5, smsc);
  expect(complaints, "the super admin's console").toEqual([]);
  await context.close();
});

test("a carrier that closes in the middle and answers garbage: nobody is left out, and nobody gets it twice", async ({ person, afterwards }) => {
  test.setTimeout(120_000);
  const port = await freePort();
  const smsc = await simulator(port, { close_after_submits: 60, garbage: { every: 25, kind: "text" } });
  afterwards(smsc.stop);
  // One message at a time, so that what is on the way at a break has been taken by the carrier, and its receipt settles it.
  const server = await startServer(["--demo"], link(port, "window = 1"));
  afterwards(server.stop);
  const page = await person("Ada Author", { server });
  const campaign = await submitted(page, { name: "Over a bad line", recipients: 150 });
  await approve(await person("Max Moderator", { server }), campaign);
  await expectDone(page, campaign, 150, smsc);
  await looked(page);
});
