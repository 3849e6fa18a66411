// Super admins set up links to carriers without a restart: a link is added, tested, taken into use, changed while it sends, and
// disabled. And what a subscriber answers is read in the workspace.
import { approve, submitted } from "../support/campaign";
import { ROOT, expect, installation } from "../support/installation";
import { looked } from "../support/look";
import { freePort } from "../support/server";
import { simulator } from "../support/smsc";
import { hydrated } from "../support/test";

const test = installation();
test.use({ expectedConsole: [/status of 422/] });
const PATIENCE = { timeout: 30_000 };

test("a link is added, tested, used, changed and disabled", async ({ signedIn, person, server, afterwards }) => {
  test.setTimeout(180_000);
  const port = await freePort();
  const refusing = await simulator(port, { refuse_bind: 0x0e });
  afterwards(refusing.stop);
  const root = await signedIn(ROOT.email);
  await root.goto("/installation/links");
  await looked(root, "links-fresh");
  await expect(root.getByRole("row", { name: /Simulator/ })).toContainText("comes with the product");
  await expect(root.getByText("There is no pool")).toBeVisible();

  // What cannot be used is said at its field.
  await root.getByRole("link", { name: "New link" }).click();
  await hydrated(root);
  await root.getByLabel("Id", { exact: true }).fill("carrier-a");
  await root.getByLabel("Name", { exact: true }).fill("Carrier A");
  await root.getByLabel("Host").fill("127.0.0.1");
  await root.getByLabel("Port").fill(String(port));
  await root.getByLabel("System id").fill("e2e");
  await root.getByLabel("Password").fill("open-sesame");
  await root.getByLabel("Window").fill("0");
  await root.getByRole("button", { name: "Add the link" }).click();
  await expect(root.getByLabel("Window")).toHaveAttribute("aria-invalid", "true");
  await looked(root, "link-new-refused");
  await root.getByLabel("Window").fill("50");
  await root.getByLabel("Segments per second").fill("500");
  await root.getByRole("button", { name: "Add the link" }).click();
  await root.waitForURL("**/installation/links/carrier-a");
  await expect(root.getByRole("heading", { level: 1 })).toHaveText("Carrier A");
  await expect(root.locator("main").getByText("Disabled", { exact: true })).toBeVisible();
  await looked(root, "link-disabled");
  expect(await root.content()).not.toContain("open-sesame");

  // The carrier says no, in words; then it says yes.
  await root.getByRole("button", { name: "Test the bind" }).click();
  await expect(root.getByText(/refused the bind with 0x0000000E ESME_RINVPASWD/).first()).toBeVisible(PATIENCE);
  await refusing.stop();
  const carrier = await simulator(port, {}, await freePort());
  afterwards(carrier.stop);
  await root.getByRole("button", { name: "Test the bind" }).click();
  await expect(root.getByText("The carrier let us in")).toBeVisible(PATIENCE);
  await root.getByRole("button", { name: "Enable" }).click();
  await expect(root.locator("main").getByText("Up", { exact: true })).toBeVisible(PATIENCE);

  // A campaign leaves by it, and its rate is changed.
  const author = await person("Ada Author", { server });
  const campaign = await submitted(author, { name: "By the new link", recipients: 30, channel: "Carrier A" });
  await approve(await person("Max Moderator", { server }), campaign);
  await root.getByLabel("Segments per second").fill("200");
  await root.getByRole("button", { name: "Save", exact: true }).click();
  await expect(root.getByText("Saved, and in force.")).toBeVisible();
  await expect(async () => {
    await author.goto(campaign);
    await expect(author.getByText("Every recipient has a final state.")).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 60_000 });
  expect(carrier.accepted()).toHaveLength(30);
  await root.reload();
  await hydrated(root);
  await expect(root.getByLabel("Segments per second")).toHaveValue("200");
  await expect(root.getByText(/of 200 segments\/s/)).toBeVisible();

  // Somebody answers STOP, somebody else something, and both are read in the workspace.
  await carrier.write({ from: "436700000001", to: "DEMO", text: "STOP" });
  await carrier.write({ from: "436700000002", to: "DEMO", text: "Thank you!" });
  const admin = await person("Ana Admin", { server });
  await expect(async () => {
    await admin.goto("/w/demo/inbound");
    await expect(admin.getByRole("row", { name: /Thank you!/ })).toBeVisible({ timeout: 500 });
  }).toPass(PATIENCE);
  const stop = admin.getByRole("row", { name: /STOP, suppressed/ });
  await expect(stop).toContainText("•••0001");
  await looked(admin, "inbound");
  await admin.getByRole("button", { name: "Show full numbers" }).click();
  await expect(stop).toContainText("+436700000001");

  // A pool of it and the simulator.
  await root.goto("/installation/pools/new");
  await hydrated(root);
  await root.getByLabel("Id", { exact: true }).fill("both");
  await root.getByLabel("Name", { exact: true }).fill("Both");
  await root.getByLabel("Carrier A").fill("3");
  await root.getByLabel("Simulator").fill("0");
  await looked(root, "pool-new");
  await root.getByRole("button", { name: "Add the pool" }).click();
  await root.waitForURL("**/installation/links");
  await expect(root.getByRole("row", { name: /Both/ })).toContainText("Carrier A 3 · Simulator (reserve)");
  await expect(root.getByText("The simulator is in use beside real links")).toBeVisible();
  await looked(root, "links");

  // Out of use, with a question first.
  await root.getByRole("link", { name: "Carrier A" }).click();
  await hydrated(root);
  await root.getByRole("button", { name: "Disable" }).click();
  await root.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await expect(root.locator("main").getByText("Disabled", { exact: true })).toBeVisible(PATIENCE);
  await root.goto("/installation/audit");
  for (const action of ["added", "tested", "enabled", "changed", "disabled"]) {
    await expect(root.locator("main").getByText(new RegExp(action, "i")).first()).toBeVisible();
  }
});
