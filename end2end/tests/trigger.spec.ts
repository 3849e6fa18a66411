// Trigger: from the wizard over the approval of any text to numbers by API, and to the end by the Finish button.
import { approve, figures } from "../support/campaign";
import { go, looked } from "../support/look";
import { expect, test } from "../support/people";

test("numbers that come by API are sent to until somebody finishes the campaign", async ({ person, server }) => {
  test.setTimeout(180_000);
  const admin = await person("Ana Admin");
  await go(admin, "/w/demo/campaigns/new");
  await admin.getByText("Trigger", { exact: true }).click();
  await expect(admin.getByRole("radio", { name: "Trigger" })).toBeChecked();
  await admin.getByRole("button", { name: "Continue" }).click();
  await admin.waitForURL(/edit\/2$/);
  await admin.getByLabel("Name of the campaign").fill("One-time codes");
  await admin.getByLabel("Sender", { exact: true }).selectOption({ index: 1 });
  const template = admin.getByRole("textbox", { name: /^Template/ });
  await expect(template).toBeVisible();
  await admin.getByText("Any text by API", { exact: true }).click();
  await expect(template).toBeHidden();
  await admin.getByLabel("Send at any hour").check();
  await looked(admin, "wizard-2-trigger");
  await admin.getByRole("button", { name: "Save and continue" }).click();
  await admin.waitForURL(/edit\/3$/);
  const campaign = new URL(admin.url()).pathname.replace(/\/edit\/3$/, "");
  await admin.getByRole("link", { name: "Continue" }).click();
  await admin.waitForURL(/edit\/5$/);
  await expect(admin.getByText("Nobody reads these texts before they go out.")).toBeVisible();
  await expect(admin.getByText("Somebody presses Finish")).toBeVisible();
  await looked(admin, "wizard-5-trigger");
  await admin.getByRole("button", { name: "Submit for approval" }).click();
  await admin.waitForURL((url) => url.pathname === campaign);

  const moderator = await person("Max Moderator");
  await go(moderator, "/w/demo/moderation");
  await expect(moderator.getByRole("row").filter({ hasText: "One-time codes" })).toContainText("Any text by API");
  await approve(moderator, campaign);
  await expect(moderator.getByText("Sending", { exact: true }).first()).toBeVisible({ timeout: 30_000 });

  await go(admin, "/w/demo/keys");
  await admin.getByLabel("Name").fill("Login");
  await admin.getByLabel("numbers:write").check();
  await admin.getByRole("button", { name: "Make key" }).click();
  const secret = await admin.getByLabel("API key", { exact: true }).and(admin.locator("input")).inputValue();
  const numbers = `${server.url}/api/v1/campaigns/${campaign.split("/").at(-1)}/numbers`;
  const call = (body: unknown, key?: string) =>
    fetch(numbers, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json", ...(key && { "idempotency-key": key }) },
      body: JSON.stringify(body),
    });
  const one = { number: "0670 0000001", text: "Your code is 482910", reference: "login-1" };
  const first = await call(one, "first");
  expect(first.status).toBe(202);
  expect(await first.json()).toMatchObject({ accepted: 1, items: [{ recipient: 0, reference: "login-1" }] });
  expect((await call(one, "first")).headers.get("idempotency-replayed")).toBe("true");
  const many = Array.from({ length: 20 }, (_, index) => ({ number: `+436700001${String(index).padStart(3, "0")}`, text: `Code ${index}` }));
  expect((await call({ numbers: many })).status).toBe(202);
  const shown = async () => (await (await fetch(`${numbers}/0`, { headers: { authorization: `Bearer ${secret}` } })).json()) as { state: string };
  await expect.poll(async () => (await shown()).state, { timeout: 30_000 }).toBe("delivered");

  await go(admin, campaign);
  await expect.poll(async () => (await figures(admin))["Delivered"], { timeout: 30_000 }).toBe(21);
  await expect(admin.getByText("Sending", { exact: true }).first()).toBeVisible();
  await looked(admin, "campaign-trigger");
  await admin.getByRole("button", { name: "Finish" }).click();
  await admin.getByRole("dialog").getByRole("button", { name: "Finish" }).click();
  await expect(admin.getByText("Done", { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  const late = await call(one);
  expect(late.status).toBe(409);
  expect(await late.json()).toMatchObject({ detail: "The campaign takes no more numbers: it is Done." });
});
