// Staff registers the brand, an admin writes the 10DLC campaign, carriers look at it.
import { command } from "../support/server";
import { expect, installation } from "../support/installation";
import { go, looked } from "../support/look";
import { type Registry, registry } from "../support/registry";

const TMOBILE = 10035;
const STAFF = "sam@provider.example";

let simulated: Registry;
const test = installation(async () => {
  simulated = await registry({ carriers: { [TMOBILE]: "review" } });
  return simulated.config;
});

test.use({ expectedConsole: [/status of (403|422)/] });
test.afterAll(async () => simulated.stop());

test("an admin registers a 10DLC campaign for the brand that staff registered", async ({ server, person }) => {
  test.slow();
  let key = "";
  await server.restart(() => {
    command(server, "user", "create", "--email", STAFF, "--name", "Sam Staff");
    command(server, "staff", "assign", "--email", STAFF, "--workspace", "demo", "--role", "admin");
    key = command(server, "staff", "make-key", "--email", STAFF, "--name", "journey").trim();
  });
  const brand = await fetch(`${server.url}/api/v1/messaging/brands`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "x-customer-id": "demo" },
    body: JSON.stringify({
      ...{ entity_type: "PRIVATE_PROFIT", display_name: "Acme", legal_name: "Acme LLC", ein: "12-3456789" },
      ...{ email: "compliance@acme.example", phone: "+13035550199", street: "1 Main Street", city: "Denver" },
      ...{ state: "CO", postal_code: "80202", vertical: "COMMUNICATION" },
    }),
  });
  expect(brand.status, await brand.text()).toBe(201);

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

  // Carriers look at it.
  const carriers = admin.getByRole("region", { name: "Carriers", exact: true });
  const tmobile = carriers.getByRole("row").filter({ hasText: "T-Mobile" });
  await expect(tmobile).toContainText("In review");
  await looked(admin, "tendlc-campaign");

  // Others read, and change nothing.
  const author = await person("Ada Author");
  await go(author, campaign);
  await expect(author.getByRole("heading", { level: 1 })).toHaveText("Marketing for Acme");
  await expect(author.getByRole("button", { name: "Deactivate" })).toHaveCount(0);
});
