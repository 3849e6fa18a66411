// Webhooks: an admin has a program told of what happens, which sees by the signature that it comes from here.
import { expect, installation } from "../support/installation";
import { go, looked } from "../support/look";
import { type Receiver, signedWith, startReceiver } from "../support/receiver";

// The program runs on this machine, where events go only by choice.
const test = installation(async () => "webhooks_to_private = true\n");
test.use({ expectedConsole: [/status of 422/] });

let receiver: Receiver;
test.beforeEach(async () => {
  receiver = await startReceiver();
});
test.afterEach(() => receiver.stop());

test("an admin adds a webhook, tests it, gives it another secret and switches it off", async ({ person }) => {
  test.setTimeout(120_000);
  const admin = await person("Ana Admin");
  await go(admin, "/w/demo/webhooks");
  await expect(admin.getByText("No webhook yet")).toBeVisible();
  await looked(admin, "webhooks-empty");

  const address = admin.getByLabel("Address");
  const add = admin.getByRole("button", { name: "Add webhook" });
  await address.fill("http://example.org/hooks");
  await admin.getByLabel("campaign.status").check();
  await add.click();
  await expect(address).toHaveAccessibleDescription(/https/);
  await expect(address).toHaveAttribute("aria-invalid", "true");
  await expect(address, "what was typed stays").toHaveValue("http://example.org/hooks");
  await looked(admin, "webhooks-refused");

  await address.fill(receiver.url);
  await admin.getByLabel("campaign.status").uncheck();
  await add.click();
  await expect(admin.getByRole("group", { name: "What it is told" })).toHaveAccessibleDescription(/.+/);
  await admin.getByLabel("campaign.status").check();
  await add.click();
  const shown = admin.getByRole("textbox", { name: "Secret" });
  await expect(shown).toHaveValue(/^whsec_/);
  const secret = await shown.inputValue();
  const panel = admin.locator("section").filter({ has: admin.getByRole("heading", { name: receiver.url }) });
  await expect(panel).toContainText("Active");
  await expect(panel).toContainText("Nothing was sent to it yet.");
  await looked(admin, "webhooks-made");

  await panel.getByRole("button", { name: /^Send a test/ }).click();
  const events = panel.getByRole("row").filter({ hasText: "webhook.test" });
  await expect(events.filter({ hasText: "Delivered" })).toHaveCount(1);
  await expect.poll(() => receiver.received.length).toBe(1);
  expect(JSON.parse(receiver.received[0]!.body)).toMatchObject({ type: "webhook.test" });
  expect(signedWith(secret, receiver.received[0]!)).toBe(true);

  await panel.getByRole("button", { name: /^New secret/ }).click();
  await admin.getByRole("dialog", { name: "Make a new secret?" }).getByRole("button", { name: "Make a new secret" }).click();
  await expect(shown).not.toHaveValue(secret);
  const another = await shown.inputValue();
  await expect(admin.getByRole("dialog")).toHaveCount(0);
  await panel.getByRole("button", { name: /^Send a test/ }).click();
  await expect(events.filter({ hasText: "Delivered" })).toHaveCount(2);
  await expect.poll(() => receiver.received.length).toBe(2);
  expect(signedWith(another, receiver.received[1]!)).toBe(true);
  expect(signedWith(secret, receiver.received[1]!), "for a day the former one signs too").toBe(true);

  await admin.reload();
  await expect(admin.getByText(another)).toHaveCount(0);
  await expect(shown, "it is shown once").toHaveCount(0);
  await panel.getByRole("button", { name: /^Switch off/ }).click();
  await expect(panel.getByText("Switched off", { exact: true })).toBeVisible();
  await looked(admin, "webhooks");
  await panel.getByRole("button", { name: /^Switch on/ }).click();
  await expect(panel.getByText("Active", { exact: true })).toBeVisible();

  await panel.getByRole("button", { name: /^Remove/ }).click();
  await admin.getByRole("dialog", { name: "Remove this webhook?" }).getByRole("button", { name: "Remove" }).click();
  await expect(admin.getByText("No webhook yet")).toBeVisible();
});

test("what does not arrive says why, and nobody but admins comes there", async ({ person }) => {
  const admin = await person("Ana Admin");
  await go(admin, "/w/demo/webhooks");
  const nobody = receiver.url;
  await receiver.stop();
  await admin.getByLabel("Address").fill(nobody);
  await admin.getByLabel("campaign.status").check();
  await admin.getByLabel("recipients.states").check();
  await admin.getByRole("button", { name: "Add webhook" }).click();
  const panel = admin.locator("section").filter({ has: admin.getByRole("heading", { name: nobody }) });
  await panel.getByRole("button", { name: /^Send a test/ }).click();
  await expect(panel.getByText("Failing", { exact: true })).toBeVisible();
  await expect(panel.getByRole("row").filter({ hasText: "webhook.test" })).toContainText(/1 attempt/);
  await looked(admin, "webhooks-failing");
  const author = await person("Ada Author");
  expect((await author.request.get("/w/demo/webhooks")).status()).toBe(403);
  await expect(author.getByRole("link", { name: "Webhooks" })).toHaveCount(0);
  receiver = await startReceiver();
});
