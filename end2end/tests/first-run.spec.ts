// The first run: from the link that a fresh server prints to a workspace with colleagues in it.
import type { Page } from "@playwright/test";

import { type Server, startServer } from "../support/server";
import { expect, expectAccessible, expectNoSidewaysScroll, hydrated, test, watched } from "../support/test";

const EXPECTED = [/status of (404|409|422)/];
const ADMIN = { name: "Grete Gründer", email: "grete@acme.example", password: "four quiet green owls" };

/** A browser of somebody's own. */
async function browserOf(open: () => Promise<Page>): Promise<{ page: Page; quiet: () => void }> {
  const page = await open();
  const complaints = watched(page.context(), EXPECTED);
  return { page, quiet: () => expect(complaints, "the browser's console").toEqual([]) };
}

async function looked(page: Page): Promise<void> {
  await expectAccessible(page);
  await page.setViewportSize({ width: 320, height: 900 });
  await expectNoSidewaysScroll(page);
  await page.setViewportSize({ width: 1440, height: 900 });
}

/** What the browser itself would hold back is to reach the server. */
async function unchecked(page: Page): Promise<void> {
  await page.evaluate(() => [...document.forms].forEach((form) => (form.noValidate = true)));
}

const FIELDS: Record<string, string> = {
  name: ADMIN.name,
  email: ADMIN.email,
  password: ADMIN.password,
  repeated: ADMIN.password,
  display_name: "ACME Vienna",
  slug: "acme",
  "colleagues[0][name]": "Emil Editor",
  "colleagues[0][email]": "Emil@acme.example",
  "colleagues[1][name]": "Mona Moderator",
  "colleagues[1][email]": "mona@acme.example",
};
/** Each is refused at its field with these words. */
const RUBBISH: [field: string, value: string, said: RegExp][] = [
  ["name", "   ", /^A name has 1 to 100 characters\.$/],
  ["name", "x".repeat(101), /^A name has 1 to 100 characters\.$/],
  ["email", "grete", /^An e-mail address has the form name@example\.com\.$/],
  ["email", "gr ete@acme.example", /^An e-mail address has no blanks/],
  ["email", "grete@", /^An e-mail address has the form/],
  ["password", "short", /^A password has at least 8 characters\.$/],
  ["password", "password123", /^This password is among the first that anybody would try/],
  ["password", ADMIN.email, /^The password must not be the e-mail address/],
  ["repeated", "four quiet green ow1s", /^The two passwords are not the same\.$/],
  ["display_name", " ", /^A workspace name has 1 to 80 characters\.$/],
  ["slug", "A C M E", /^A workspace address has only lower-case letters/],
  ["slug", "x", /^A workspace address has 2 to 40 characters\.$/],
  ["slug", "master", /^This workspace address is reserved\.$/],
  ["colleagues[1][email]", "mona", /^The row of mona: an e-mail address has the form name@example\.com\.$/],
  ["colleagues[1][email]", "emil@ACME.example", /^The address emil@acme\.example is there twice\.$/],
  ["colleagues[1][name]", "", /^The row of mona@acme\.example: a name has 1 to 100 characters\.$/],
];

/** In the browser: what the controls of these names hold. */
function values(names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, document.querySelector<HTMLInputElement>(`[name="${name}"]`)!.value]));
}

/** Fills the page with rubbish, field by field: each time the reason stands at its field and nothing else is lost. */
async function expectRubbishRefused(page: Page): Promise<void> {
  const control = (field: string) => page.locator(`[name="${field}"]`);
  for (const [field, value] of Object.entries(FIELDS)) await control(field).fill(value);
  await page.getByLabel("Time zone").selectOption("Europe/Vienna");
  await page.getByLabel("Country of numbers without a country code").selectOption("AT");
  await unchecked(page);
  const refuse = async (field: string, said: RegExp) => {
    const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
    await page.getByRole("button", { name: "Set up" }).click();
    await answered;
    const place = field.startsWith("colleagues") ? page.locator("#field-colleagues .field-error") : page.locator(`[id="field-${field}-error"]`);
    await expect(place, field).toHaveText(said);
    await expect(page.getByRole("alert").getByRole("link", { name: said })).toBeVisible();
  };
  for (const [field, value, said] of RUBBISH) {
    await control(field).fill(value);
    // A wrong password is typed twice.
    if (field === "password") await control("repeated").fill(value);
    await refuse(field, said);
    const typed: Record<string, string> = { ...FIELDS, time_zone: "Europe/Vienna", [field]: value };
    if (field === "password") typed.repeated = value;
    expect(await page.evaluate(values, Object.keys(typed)), field).toEqual(typed);
    await control(field).fill(FIELDS[field]!);
    await control("repeated").fill(ADMIN.password);
  }
  // What no list offers, somebody may send all the same.
  for (const [field, said] of [["time_zone", /^Choose a time zone of the list/], ["default_country", /^Choose a country of the list/]] as const) {
    const option = page.locator(`[name="${field}"] option:checked`);
    const right = await option.getAttribute("value");
    await option.evaluate((option: HTMLOptionElement) => (option.value = "Mars"));
    await refuse(field, said);
    if (field === "time_zone") await looked(page);
    await page.locator(`[name="${field}"] option:checked`).evaluate((option: HTMLOptionElement, right) => (option.value = right!), right);
  }
}

/** Opens a one-time link, after a few passwords that will not do. */
async function choosePassword(page: Page, link: string, password: string, email: string): Promise<void> {
  await page.goto(link);
  await hydrated(page);
  await looked(page);
  const [first, second] = [page.getByLabel("New password"), page.getByLabel("The same again")];
  for (const [typed, again, field, said] of [
    ["short", "short", first, /^A password has at least 8 characters/],
    [email, email, first, /^The password must not be the e-mail address/],
    [password, `${password}?`, second, /^The two passwords are not the same/],
  ] as const) {
    await first.fill(typed);
    await second.fill(again);
    await page.getByRole("button", { name: "Set the password" }).click();
    await expect(field).toHaveAccessibleDescription(said);
  }
  await second.fill(password);
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.waitForURL(/\/w\/acme$/);
}

/** The page behind a link that was used. */
async function expectUsedUp(page: Page, link: string): Promise<void> {
  const answer = await page.goto(link);
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This link does not work any more");
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await hydrated(page);
  await looked(page);
}

test("a fresh server is set up once, and colleagues come in by their links", async ({ browser }) => {
  test.setTimeout(120_000);
  const server: Server = await startServer();
  const open = async () => {
    const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1440, height: 900 } });
    return context.newPage();
  };
  try {
    const setUp = /Set it up.*\s+(http\S+\/link\/\S+)/.exec(server.log())?.[1];
    expect(setUp, "a fresh server prints its set-up link").toBeDefined();
    const admin = await browserOf(open);
    // A second window with the same page: whoever is slower has to be told.
    const late = await browserOf(open);
    for (const { page } of [admin, late]) {
      await page.goto(setUp!);
      await hydrated(page);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText("Set up Message Center");
    }
    await looked(admin.page);
    await expect(admin.page.getByLabel(/^Four eyes/)).toBeChecked();
    await expectRubbishRefused(admin.page);
    await admin.page.getByRole("button", { name: "Set up" }).click();
    await expect(admin.page.getByRole("heading", { level: 1 })).toHaveText("Message Center is set up");
    await looked(admin.page);
    const emil = await admin.page.getByLabel("Emil Editor (emil@acme.example)").inputValue();
    const mona = await admin.page.getByLabel("Mona Moderator (mona@acme.example)").inputValue();
    await admin.page.getByRole("link", { name: "Go to the workspace" }).click();
    await admin.page.waitForURL(/\/w\/acme$/);
    await expect(admin.page.getByRole("heading", { level: 1 })).toHaveText("Overview");
    await expect(admin.page.getByText("The four-eyes rule is off")).toHaveCount(0);

    for (const [field, value] of Object.entries(FIELDS)) await late.page.locator(`[name="${field}"]`).fill(value);
    await late.page.getByRole("button", { name: "Set up" }).click();
    await expect(late.page.getByRole("alert")).toContainText("This set-up link does not work any more.");
    await expect(late.page.getByLabel("Name of the workspace")).toHaveValue("ACME Vienna");
    await expectUsedUp(late.page, setUp!);

    const editor = await browserOf(open);
    const password = "nine slow brown kettles";
    await choosePassword(editor.page, emil, password, "emil@acme.example");
    await expect(editor.page.getByText("ACME Vienna").first()).toBeVisible();
    await expect(editor.page.getByRole("link", { name: "New campaign" }).first()).toBeVisible();
    await hydrated(editor.page);
    await editor.page.getByText("Emil Editor").first().click();
    await editor.page.getByRole("button", { name: "Sign out" }).click();
    await editor.page.waitForURL(/\/sign-in/);
    await editor.page.getByLabel("E-mail").fill("emil@acme.example");
    await editor.page.getByLabel("Password").fill(password);
    await editor.page.getByRole("button", { name: "Sign in" }).click();
    await editor.page.waitForURL(/\/w\/acme$/);
    await expectUsedUp(late.page, emil);

    const moderator = await browserOf(open);
    await choosePassword(moderator.page, mona, "eight warm stone bridges", "mona@acme.example");
    await moderator.page.goto("/w/acme/members");
    await hydrated(moderator.page);
    for (const [name, role] of [["Grete Gründer", "Admin"], ["Emil Editor", "Author"], ["Mona Moderator", "Moderator"]]) {
      await expect(moderator.page.getByRole("row").filter({ hasText: name })).toContainText(role!);
    }
    for (const { quiet } of [admin, late, editor, moderator]) quiet();
  } finally {
    await server.stop();
  }
});
