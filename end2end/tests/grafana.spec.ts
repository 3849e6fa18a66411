// Grafana's dashboards within the pages: who sees them, by which cookie, and what is said when Grafana is not there.
import { type StandIn, startGrafana } from "../support/grafana";
import { OTHER, PASSWORD, ROOT, expect, fresh, installation } from "../support/installation";
import { go, looked } from "../support/look";
import { freePort } from "../support/server";

let grafana: StandIn;
let own: string;

const test = installation(async () => {
  grafana = await startGrafana();
  const port = await freePort();
  own = `http://localhost:${port}`;
  return `[grafana]\nurl = "${grafana.url}"\nlisten = "127.0.0.1:${port}"\npublic_url = "${own}"\n`;
});

// Chromium says it of every such frame while it is empty and so of the page's origin; what is loaded into it is of another.
test.use({ expectedConsole: [/^warning: An iframe which has both allow-scripts and allow-same-origin/] });
// The last one stops Grafana.
test.describe.configure({ mode: "serial" });
test.afterAll(() => grafana.stop());

const PAGE = "/installation/monitoring/grafana";

test("a super admin sees the dashboards within the page, and Grafana sees no session", async ({ signedIn, server }) => {
  const root = await signedIn(ROOT.email);
  await go(root, "/installation/monitoring");
  await root.getByRole("link", { name: "Grafana", exact: true }).click();
  await root.waitForURL(PAGE);
  const frame = root.frameLocator("iframe");
  await expect(frame.getByRole("heading", { name: "Dashboard message-center-overview" })).toBeVisible();
  await expect(frame.getByText("Asked by message-center, Viewer, in system")).toBeVisible();
  await expect(frame.getByText("Cookies: none")).toBeVisible();
  await expect(frame.getByText("Sessions: 7")).toBeVisible();
  await looked(root, "grafana");

  const session = (await root.context().cookies()).find(({ name }) => name === "__Host-message_center")!;
  const visit = (await root.context().cookies()).find(({ name }) => name === "__Host-message_center_grafana")!;
  expect(visit).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax" });
  const everything = JSON.stringify(grafana.asked);
  for (const secret of [session.value, visit.value, "Rita", "grafana_session"]) expect(everything).not.toContain(secret);
  // Never in an address: neither the ticket nor anything else that opens the door.
  expect(root.frames().map((one) => one.url()).filter((url) => url.startsWith(own))).toEqual([`${own}/d/message-center-overview?kiosk&theme=system`]);

  await root.getByRole("navigation", { name: "Dashboard" }).getByRole("link", { name: "Links" }).click();
  await expect(frame.getByRole("heading", { name: "Dashboard message-center-links" })).toBeVisible();
  await expect(root).toHaveURL(/\?dashboard=message-center-links$/);
  const account = root.getByRole("button", { name: "Account of Rita Root" });
  await account.click();
  await root.getByRole("button", { name: "Dark", exact: true }).click();
  await expect(frame.getByText("in dark")).toBeVisible();
  await root.keyboard.press("Escape");

  const tab = root.context().waitForEvent("page");
  await root.getByRole("button", { name: "Open in a tab of its own" }).click();
  await expect((await tab).getByRole("heading", { name: "Dashboard message-center-links" })).toBeVisible();

  // What opened it opens nothing on the pages' own origin, and what is signed out there sees no more.
  const { page: other } = await fresh(root.context().browser()!, server, []);
  expect((await other.request.get(`${own}/d/message-center-overview`)).status()).toBe(401);
  expect((await root.request.get(`${own}/api/admin/settings`)).status()).toBe(404);
  const cookie = `${visit.name}=${visit.value}`;
  const asked = () => fetch(`${own}/d/message-center-overview`, { headers: { cookie } }).then((answer) => answer.status);
  expect(await asked()).toBe(200);
  await account.click();
  await root.getByRole("button", { name: "Sign out" }).click();
  await root.waitForURL(/sign-in/);
  await expect.poll(asked).toBe(401);
  await other.context().close();
});

test("nobody else sees that there is a Grafana", async ({ signedIn }) => {
  const olga = await signedIn(OTHER.admin.email);
  expect((await olga.request.get(PAGE)).status()).toBe(404);
  await go(olga, `/w/${OTHER.slug}/monitoring`);
  await expect(olga.getByText("Grafana")).toHaveCount(0);
  const policy = (await olga.request.get(PAGE)).headers()["content-security-policy"];
  expect(policy).not.toContain(own);
});

test("without a script a button opens the dashboards", async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(ROOT.email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await page.goto(PAGE);
  await page.getByRole("button", { name: "Open the dashboards" }).click();
  await expect(page.frameLocator("iframe").getByRole("heading", { name: "Dashboard message-center-overview" })).toBeVisible();
  // A ticket is good once.
  await page.getByRole("button", { name: "Open the dashboards" }).click();
  await expect(page.frameLocator("iframe").getByRole("heading", { name: "have to be opened anew" })).toBeVisible();
  await context.close();
});

test("while Grafana is down the page says so, and the charts go on", async ({ signedIn }) => {
  const root = await signedIn(ROOT.email);
  await grafana.stop();
  await go(root, PAGE);
  await expect(root.getByText("Grafana shows nothing at the moment")).toBeVisible();
  await looked(root, "grafana-down");
  await root.getByRole("link", { name: "charts", exact: true }).click();
  await expect(root.getByRole("region", { name: "This installation" })).toBeVisible();
});
