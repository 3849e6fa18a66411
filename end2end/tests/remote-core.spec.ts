// A link of an SMS Core in another process: super admins take it out of use on its page, it stays so when that process begins
// again, and nobody else learns where the process is.
import { type Core, remoteCore } from "../support/core";
import { ROOT, expect, installation } from "../support/installation";
import { looked } from "../support/look";
import { freePort } from "../support/server";
import { simulator } from "../support/smsc";
import { hydrated } from "../support/test";

let core: Core;
let smscPort: number;
const test = installation(async () => {
  smscPort = await freePort();
  core = await remoteCore(smscPort);
  return core.section;
});
test.afterAll(async () => core.remove());
const PATIENCE = { timeout: 30_000 };

// Before that process is there its link is none.
test.use({ expectedConsole: [/status of 404/] });

test("a link of another process is tested, drained and enabled, and its address is not for everybody", async ({ signedIn, person, server, afterwards }) => {
  test.setTimeout(120_000);
  const carrier = await simulator(smscPort);
  afterwards(carrier.stop);
  // The process is not there yet.
  const author = await person("Ada Author", { server });
  const banner = author.getByRole("status").filter({ hasText: "SMS Core dmz" });
  await expect(async () => {
    await author.goto("/w/demo");
    await expect(banner).toHaveText(/has been down since .*: SMS Core cannot be reached\. It keeps trying/, { timeout: 500 });
  }).toPass(PATIENCE);
  expect(await author.content()).not.toContain(core.url);
  const root = await signedIn(ROOT.email);
  await root.goto("/installation/links");
  await expect(root.getByText(core.url)).toBeVisible();

  await core.start();
  const state = (text: string) => root.locator("main").getByText(text, { exact: true });
  await expect(async () => {
    await root.goto("/installation/links/carrier");
    await expect(state("Up")).toBeVisible({ timeout: 500 });
  }).toPass(PATIENCE);
  await hydrated(root);
  await expect(root.getByText("Whether it is in use is decided here")).toBeVisible();
  await root.getByRole("button", { name: "Test the bind" }).click();
  await expect(root.getByText("The carrier let us in")).toBeVisible(PATIENCE);
  await root.getByRole("button", { name: "Drain" }).click();
  await looked(root, "remote-link-drain");
  await root.getByRole("dialog").getByRole("button", { name: "Drain" }).click();
  await expect(state("Disabled")).toBeVisible(PATIENCE);

  // The process forgets everything, and is told again.
  await core.kill();
  await expect(state("Down")).toBeVisible(PATIENCE);
  await core.start();
  await expect(state("Disabled")).toBeVisible(PATIENCE);
  await looked(root, "remote-link-disabled");
  await root.getByRole("button", { name: "Enable" }).click();
  await expect(state("Up")).toBeVisible(PATIENCE);
});
