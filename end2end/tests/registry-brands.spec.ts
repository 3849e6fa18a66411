// Staff registers brands for the workspaces that are assigned to them: who sees what of it, and is offered what.
import type { Page } from "@playwright/test";

import { OTHER, ROOT, expect, installation } from "../support/installation";
import { go, looked } from "../support/look";
import { type Registry, registry } from "../support/registry";
import { command } from "../support/server";
import { hydrated } from "../support/test";

const HOME = "/w/demo/registry";
const STAFF = { name: "Sam Staff", email: "sam@provider.example" };
const VIEWER = { name: "Vera Viewer", email: "vera@provider.example" };
const OUTSIDER = { name: "Nora Nobody", email: "nora@provider.example" };

let simulated: Registry;
const test = installation(async () => {
  simulated = await registry();
  return simulated.config;
});
test.use({ expectedConsole: [/status of (403|404|409|422)/] });
test.afterAll(async () => simulated.stop());

async function assign(root: Page, email: string, role: string, workspace: RegExp): Promise<void> {
  await root.getByLabel("E-mail", { exact: true }).fill(email);
  await root.locator("#field-role").selectOption(role);
  await root.getByRole("checkbox", { name: workspace }).check();
  await root.getByRole("button", { name: "Assign", exact: true }).click();
  await expect(root.getByText("It is assigned.")).toBeVisible();
}

test("staff registers a brand for one workspace of two, and each sees what is theirs", async ({ signedIn, person, server }) => {
  test.setTimeout(180_000);
  await server.restart(() => {
    const known = ["--password-file", `${server.dataDir}/password`];
    for (const { name, email } of [STAFF, VIEWER, OUTSIDER]) {
      command(server, "user", "create", "--email", email, "--name", name, ...known);
    }
  });

  // A super admin decides who is staff, and of what.
  const root = await signedIn(ROOT.email);
  await go(root, "/installation/staff");
  await expect(root.getByText("Nobody is staff yet")).toBeVisible();
  await root.getByLabel("E-mail", { exact: true }).fill("nobody@provider.example");
  await root.getByRole("checkbox", { name: /\(demo\)/ }).check();
  await root.getByRole("button", { name: "Assign", exact: true }).click();
  await expect(root.getByLabel("E-mail", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await root.reload();
  await hydrated(root);
  await assign(root, STAFF.email, "admin", /\(demo\)/);
  await assign(root, VIEWER.email, "viewer", /\(demo\)/);
  await expect(root.getByRole("row", { name: new RegExp(STAFF.name) })).toContainText("Demo");
  await looked(root, "staff");

  // Whoever is nobody's staff and nobody's member sees nothing.
  const outsider = await signedIn(OUTSIDER.email);
  expect((await outsider.goto("/registry"))!.status()).toBe(404);
  expect((await outsider.goto(HOME))!.status()).toBe(404);

  // Staff is led to what is assigned to them, and no further.
  const staff = await signedIn(STAFF.email);
  await staff.waitForURL("**/registry");
  await looked(staff, "registry-none");
  const foreign = `/w/${OTHER.slug}/registry`;
  for (const page of ["", "/brands/new", "/campaigns/new", "/numbers"]) {
    expect((await staff.goto(foreign + page))!.status(), page).toBe(404);
  }
  expect((await staff.goto("/w/demo/campaigns"))!.status()).toBe(404);
  await go(staff, HOME);
  await expect(staff.getByText("No brand yet")).toBeVisible();
  await looked(staff, "registry-home-empty");

  // A brand: what it is, then its form, which says what is wrong where it is wrong.
  await staff.getByRole("link", { name: "New brand" }).click();
  await staff.waitForURL("**/brands/new");
  await looked(staff, "brand-types");
  await staff.getByRole("link", { name: "Publicly traded company" }).click();
  await expect(staff.getByLabel("Ticker symbol")).toBeVisible();
  await staff.getByRole("link", { name: "Choose something else" }).click();
  await staff.getByRole("link", { name: "Private company" }).click();
  await expect(staff.getByLabel("Ticker symbol")).toHaveCount(0);
  await staff.getByLabel("Brand name").fill("Acme");
  await staff.getByLabel("Legal name").fill("Acme Communications LLC");
  await staff.getByLabel("Tax number").fill("12-34");
  await staff.getByLabel("Line of business").selectOption("RETAIL");
  await staff.getByLabel("Street").fill("1 Main Street");
  await staff.getByLabel("City").fill("Denver");
  await staff.getByLabel("State").fill("Colorado");
  await staff.getByLabel("Postal code").fill("80202");
  await staff.getByLabel("E-mail", { exact: true }).fill("compliance@acme.example");
  await staff.getByLabel("Phone", { exact: true }).fill("+1 (303) 555-0100");
  await staff.getByRole("button", { name: "Register the brand" }).click();
  await expect(staff.getByLabel("Tax number")).toHaveAccessibleDescription(/9 digits, such as 12-3456789; copy it/);
  await expect(staff.getByLabel("State")).toHaveAttribute("aria-invalid", "true");
  await looked(staff, "brand-refused");
  await staff.getByLabel("Tax number").fill("12-3456789");
  await staff.getByLabel("State").fill("CO");
  await staff.getByRole("button", { name: "Register the brand" }).click();

  // The registry has verified it; what was done stands below.
  await staff.waitForURL(/\/brands\/[0-9a-f-]{36}$/);
  const brand = new URL(staff.url()).pathname;
  const main = staff.locator("main");
  await expect(main.getByText("Ready", { exact: true })).toBeVisible();
  await expect(main.getByText("Verified", { exact: true })).toBeVisible();
  await expect(main).toContainText("•••6789");
  expect(await staff.content()).not.toContain("123456789");
  await expect(main.getByText("Registered at the registry")).toBeVisible();
  await looked(staff, "brand");
  await staff.getByRole("button", { name: "Order a vetting" }).click();
  await staff.getByRole("button", { name: "Order it" }).click();
  await expect(main.getByText("80 of 100")).toBeVisible();

  // Another legal name costs the identity, so it is asked for.
  await staff.getByRole("link", { name: "Change details" }).click();
  await staff.waitForURL("**/edit");
  await hydrated(staff);
  await staff.getByLabel("Legal name").fill("Acme Holding LLC");
  await staff.getByRole("button", { name: "Save and tell the registry" }).click();
  await expect(staff.getByText("Confirm that you want that.").first()).toBeVisible();
  await looked(staff, "brand-edit");
  await staff.getByRole("checkbox", { name: "Change them all the same" }).check();
  await staff.getByRole("button", { name: "Save and tell the registry" }).click();
  await staff.waitForURL(`**${brand}`);
  await expect(main.getByText("Acme Holding LLC").first()).toBeVisible();
  await looked(staff, "brand-changed");

  // An admin of the workspace reads it, and is offered no brand.
  const admin = await person("Ana Admin");
  await admin.getByRole("link", { name: "10DLC", exact: true }).click();
  await admin.waitForURL(`**${HOME}`);
  await expect(admin.getByRole("rowheader").getByRole("link", { name: "Acme", exact: true })).toBeVisible();
  await expect(admin.getByRole("link", { name: "New brand" })).toHaveCount(0);
  await looked(admin, "registry-home");
  await go(admin, brand);
  await expect(admin.getByRole("button", { name: "Ask the registry now" })).toBeVisible();
  for (const name of ["Delete", "Order a vetting"]) await expect(admin.getByRole("button", { name })).toHaveCount(0);
  await expect(admin.getByRole("link", { name: "Change details" })).toHaveCount(0);
  expect((await admin.goto(`${HOME}/brands/new`))!.status()).toBe(403);

  // A viewer of the staff reads, and is offered nothing.
  const viewer = await signedIn(VIEWER.email);
  await viewer.waitForURL("**/registry");
  await go(viewer, "/registry?part=brands");
  await viewer.getByRole("link", { name: "Acme", exact: true }).click();
  await viewer.waitForURL(`**${brand}`);
  await expect(viewer.locator("main").getByRole("button")).toHaveCount(0);
  await expect(viewer.locator("main").getByRole("link", { name: /New|Change/ })).toHaveCount(0);

  // The list is narrowed by its address.
  await go(root, "/registry?part=brands");
  await root.locator("#field-workspace").selectOption(OTHER.slug);
  await root.getByRole("button", { name: "Apply" }).click();
  await root.waitForURL(`**/registry?part=brands&workspace=${OTHER.slug}`);
  await expect(root.getByText("Nothing like that")).toBeVisible();
  await root.goBack();
  await expect(root.getByRole("link", { name: "Acme", exact: true })).toBeVisible();
  await looked(root, "registry-brands");

  // What is taken from somebody is gone with their next request.
  await go(root, "/installation/staff");
  await root.getByRole("row", { name: new RegExp(VIEWER.name) }).getByRole("button", { name: /^End/ }).click();
  await root.getByRole("dialog").getByRole("button", { name: "End the assignment" }).click();
  await expect(root.getByRole("row", { name: new RegExp(VIEWER.name) })).toHaveCount(0);
  expect((await viewer.goto(brand))!.status()).toBe(404);

  // Deleted, it stays on record, and nothing is offered any more.
  await go(staff, brand);
  await staff.getByRole("button", { name: "Delete", exact: true }).click();
  await staff.getByRole("dialog").getByRole("button", { name: "Delete the brand" }).click();
  await expect(main.getByText("The registry has deleted it, for good.")).toBeVisible();
  await expect(staff.getByRole("link", { name: "Change details" })).toHaveCount(0);
});

test("without a script nothing that was typed is lost, and of two who change a brand the second is told", async ({ signedIn, browser, server }) => {
  const second = { name: "Rob Root", email: "rob@root.example" };
  await server.restart(() => {
    const known = ["--password-file", `${server.dataDir}/password`];
    command(server, "user", "create", "--email", second.email, "--name", second.name, "--super-admin", ...known);
  });
  const root = await signedIn(ROOT.email);
  const plain = await browser.newContext({
    baseURL: server.url,
    javaScriptEnabled: false,
    storageState: await root.context().storageState(),
  });
  const page = await plain.newPage();

  await page.goto(`${HOME}/brands/new?type=PRIVATE_PROFIT`);
  await page.getByLabel("Brand name").fill("Plain & Simple");
  await page.getByLabel("Legal name").fill("Plain Communications LLC");
  await page.getByLabel("Tax number").fill("12-34");
  await page.getByLabel("Line of business").selectOption("RETAIL");
  await page.getByLabel("Street").fill("1 Main Street");
  await page.getByLabel("City").fill("Denver");
  await page.getByLabel("State").fill("CO");
  await page.getByLabel("Postal code").fill("80202");
  await page.getByLabel("E-mail", { exact: true }).fill("compliance@plain.example");
  await page.getByLabel("Phone", { exact: true }).fill("+1 (303) 555-0100");
  await page.getByRole("checkbox", { name: "Mock brand, for trials" }).check();
  await page.getByRole("button", { name: "Register the brand" }).click();
  await expect(page.getByLabel("Tax number")).toHaveAccessibleDescription(/9 digits, such as 12-3456789; copy it/);
  await expect(page.getByLabel("Brand name")).toHaveValue("Plain & Simple");
  await expect(page.getByLabel("Line of business")).toHaveValue("RETAIL");
  await expect(page.getByRole("checkbox", { name: "Mock brand, for trials" })).toBeChecked();
  expect(new URL(page.url()).search).not.toContain("Plain");
  await page.getByLabel("Tax number").fill("12-3456789");
  await page.getByRole("button", { name: "Register the brand" }).click();
  await page.waitForURL(/\/brands\/[0-9a-f-]{36}$/);
  const brand = new URL(page.url()).pathname;

  // Somebody else opens its form, and is slower.
  const other = await signedIn(second.email);
  await go(other, `${brand}/edit`);
  await page.goto(`${brand}/edit`);
  await page.getByLabel("Website").fill("https://plain.example");
  await page.getByRole("button", { name: "Save and tell the registry" }).click();
  await page.waitForURL(`**${brand}`);
  await other.getByLabel("Website").fill("https://other.example");
  await other.getByRole("button", { name: "Save and tell the registry" }).click();
  await expect(other.getByText("Somebody else has changed it since you opened it").first()).toBeVisible();
  await expect(other.getByLabel("Website")).toHaveValue("https://other.example");
  await looked(other, "brand-somebody-else");
  await page.goto(brand);
  await expect(page.locator("main")).toContainText("https://plain.example");
  await plain.close();
});

test("an admin of three workspaces sees the three, a super admin all, an admin of one that one, and nobody's nothing", async ({ signedIn, person, server }) => {
  test.setTimeout(180_000);
  const tess = { name: "Tess Three", email: "tess@provider.example" };
  const nobody = { name: "Nick Nobody", email: "nick@provider.example" };
  const slugs = ["demo", "beta", "gamma", OTHER.slug];
  let key = "";
  await server.restart(() => {
    for (const slug of ["beta", "gamma"]) {
      command(server, "workspace", "create", "--slug", slug, "--name", slug, "--time-zone", "UTC", "--country", "US");
    }
    for (const { name, email } of [tess, nobody]) {
      command(server, "user", "create", "--email", email, "--name", name, "--password-file", `${server.dataDir}/password`);
    }
    for (const slug of slugs.slice(0, 3)) command(server, "staff", "assign", "--workspace", slug, "--email", tess.email, "--role", "admin");
    key = command(server, "staff", "make-key", "--email", ROOT.email, "--name", "journey").trim();
  });
  const made = async (slug: string, path: string, body: object): Promise<string> => {
    const answer = await fetch(`${server.url}/api/v1/messaging${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "x-customer-id": slug },
      body: JSON.stringify(body),
    });
    // 202: the registry, which has just been spoken with for the first time, was slower than the answer.
    expect([200, 201, 202]).toContain(answer.status);
    return ((await answer.json()) as { data: { id: string } }).data.id;
  };
  const brands = new Map<string, string>();
  const campaigns = new Map<string, string>();
  const number = (slug: string): string => `+1303555017${slugs.indexOf(slug)}`;
  for (const slug of slugs) {
    const name = `Brand of ${slug}`;
    const brand = await made(slug, "/brands", {
      entity_type: "PRIVATE_PROFIT", display_name: name, legal_name: "Acme Communications LLC", ein: "12-3456789",
      email: "compliance@acme.example", phone: "+13035550100", street: "1 Main Street", city: "Denver", state: "CO",
      postal_code: "80202", vertical: "COMMUNICATION",
    });
    brands.set(slug, brand);
    await expect(async () => {
      const campaign = await made(slug, "/campaigns", {
        brand_id: brand, use_case: "ACCOUNT_NOTIFICATION", terms_accepted: true,
        description: "We tell customers when something of their account changes.",
        message_flow: "Customers agree on our web page when they open an account.",
        sample_messages: [`${name}: your password was changed. Reply STOP to opt out.`],
        opt_in_message: `${name}: you will get messages on your account.`,
        opt_out_message: `${name}: you will get no more messages.`,
        help_message: `${name}: write to help@help.example for help.`,
      });
      campaigns.set(slug, campaign);
    }).toPass({ timeout: 30_000 });
    await expect(async () => {
      await made(slug, `/campaigns/${campaigns.get(slug)}/numbers`, { phone_numbers: [number(slug)] });
    }).toPass({ timeout: 30_000 });
  }
  const missing = async (page: Page, path: string): Promise<void> => {
    expect((await page.goto(path))!.status(), path).toBe(404);
    await expect(page.getByRole("heading", { level: 1 }), path).toHaveText("Page not found");
  };
  const sees = async (page: Page, seen: string[]) => {
    await go(page, "/registry?part=brands");
    for (const slug of slugs) {
      await expect(page.getByRole("link", { name: `Brand of ${slug}`, exact: true })).toHaveCount(seen.includes(slug) ? 1 : 0);
    }
    await go(page, "/registry?part=campaigns");
    await expect(page.getByRole("rowheader").getByRole("link", { name: "Account notification" })).toHaveCount(seen.length);
    const own = seen[0]!;
    for (const slug of slugs) {
      const [brand, campaign] = [`brands/${brands.get(slug)}`, `campaigns/${campaigns.get(slug)}`];
      for (const path of [brand, campaign, "numbers"]) {
        const address = `/w/${slug}/registry/${path}`;
        if (!seen.includes(slug)) await missing(page, address);
        else expect((await page.goto(address))!.status(), address).toBe(200);
      }
      if (seen.includes(slug)) await expect(page.locator("main")).toContainText(number(slug));
    }
    // What is another's is not there under the address of one's own workspace either, whoever one is.
    for (const path of [`brands/${brands.get(OTHER.slug)}`, `campaigns/${campaigns.get(OTHER.slug)}`]) {
      await missing(page, `/w/${own}/registry/${path}`);
    }
    await missing(page, `/w/${own}/registry/campaigns/${campaigns.get(OTHER.slug)}/edit/2`);
    await page.goto(`/w/${own}/registry/numbers`);
    await expect(page.locator("main")).toContainText(number(own));
    await expect(page.locator("main")).not.toContainText(number(OTHER.slug));
  };

  const three = await signedIn(tess.email);
  await sees(three, slugs.slice(0, 3));
  await go(three, "/registry?part=brands");
  await expect(three.locator("#field-workspace").getByRole("option", { name: OTHER.name })).toHaveCount(0);
  expect((await three.goto(`/registry?part=brands&workspace=${OTHER.slug}`))!.status()).toBe(404);
  // What is new is made in a workspace that the address names, never in the first of them.
  await go(three, "/w/gamma/registry/brands/new");
  await expect(three.getByRole("link", { name: "Private company" })).toBeVisible();

  await sees(await signedIn(ROOT.email), slugs);
  await sees(await person("Ana Admin"), ["demo"]);
  const none = await signedIn(nobody.email);
  expect((await none.goto("/registry"))!.status()).toBe(404);
  for (const slug of slugs) {
    for (const path of [`brands/${brands.get(slug)}`, `campaigns/${campaigns.get(slug)}`, "numbers"]) {
      await missing(none, `/w/${slug}/registry/${path}`);
    }
  }
});
