// What those see who keep it running: monitoring with what was sent, diagnostics with what is wrong, and the same by the
// command line; and what the admins of a workspace see of it.
import { execFileSync } from "node:child_process";
import fs from "node:fs";

import { approve, submitted } from "../support/campaign";
import { OTHER, ROOT, expect, installation } from "../support/installation";
import { go, looked } from "../support/look";
import { program } from "../support/server";

const test = installation(async () => `[metrics]\nlisten = "127.0.0.1:0"\n`);

test("monitoring draws what was sent, and says it in tables and files", async ({ person, signedIn }) => {
  test.setTimeout(180_000);
  const root = await signedIn(ROOT.email);
  await go(root, "/installation/monitoring");
  await looked(root, "monitoring-fresh");
  const author = await person("Ada Author");
  const campaign = await submitted(author, { name: "Measured", recipients: 60 });
  await approve(await person("Max Moderator"), campaign);
  await expect(async () => {
    await go(author, campaign);
    await expect(author.getByText("Done", { exact: true }).first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });

  const link = root.getByRole("region", { name: "Simulator" });
  await expect(link.getByText("Up", { exact: true })).toBeVisible();
  // By itself, without a reload: a point every 15 seconds.
  await expect(link.getByRole("img", { name: /^Parts of .*Accepted: now [\d.]+, at most (?!0[;.])/ })).toBeVisible({ timeout: 60_000 });
  await expect(link.getByText("1 of 1", { exact: true })).toBeVisible();
  const parts = link.locator("div", { has: root.getByRole("img", { name: /^Parts of / }) }).last();
  await parts.getByText("The figures as a table").click();
  await expect(parts.getByRole("columnheader", { name: "Throttled" })).toBeVisible();
  await looked(root, "monitoring");
  const file = await root.request.get("/installation/monitoring/chart.csv?link=simulator&chart=rate");
  expect(file.headers()["content-type"]).toBe("text/csv; charset=utf-8");
  expect(await file.text()).toMatch(/^time_utc,Accepted,Throttled,Refused\r\n\d\d:\d\d:\d\d,/);

  await root.getByRole("link", { name: "One hour" }).click();
  await root.waitForURL(/span=hour/);
  await expect(root.getByRole("region", { name: "This installation" }).getByRole("img", { name: /^Memory of / })).toBeVisible();
  await expect(root.getByRole("row", { name: /\[audit-fallback\] 0/ })).toBeVisible();

  const olga = await signedIn(OTHER.admin.email);
  for (const address of ["/installation/monitoring", "/installation/diagnostics", "/installation/monitoring/chart.csv"]) {
    expect((await olga.request.get(address)).status(), address).toBe(404);
  }
});

test("diagnostics say what is wrong and what to do, on the page and by the command", async ({ server, signedIn }) => {
  const root = await signedIn(ROOT.email);
  fs.chmodSync(`${server.dataDir}/keys/master.key`, 0o644);
  await go(root, "/installation/diagnostics");
  const status = root.getByRole("region", { name: "Secrets" });
  await expect(status.getByText(/Key master\.key: .* can be reached by everybody on this machine/)).toBeVisible();
  await expect(status.getByText(/chmod go-rwx .*master\.key/)).toBeVisible();
  await expect(root.getByText(/things? do(es)? not work/)).toBeVisible();
  await expect(root.getByRole("region", { name: "Links" }).getByText(/Simulator: up; 1 of 1 sessions are bound/)).toBeVisible();
  await expect(root.getByRole("region", { name: "Data" }).getByText(/Schema: \d+, as this program expects/)).toBeVisible();
  await looked(root, "diagnostics");

  const doctor = (...words: string[]) => {
    const options = ["doctor", "--data-dir", server.dataDir, "--listen", new URL(server.url).host.replace("localhost", "127.0.0.1"), ...words];
    try {
      return { code: 0, text: execFileSync(program(), options, { cwd: server.dataDir, encoding: "utf8", stdio: "pipe" }) };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, text: stdout };
    }
  };
  const unwell = doctor();
  expect(unwell.code).toBe(1);
  expect(unwell.text).toContain("Fault    Key master.key");
  expect(unwell.text).toContain("a server answers at 127.0.0.1");
  fs.chmodSync(`${server.dataDir}/keys/master.key`, 0o600);
  fs.chmodSync(server.dataDir, 0o700);
  const findings = JSON.parse(doctor("--json").text) as { area: string; what: string; verdict: string }[];
  expect(findings.filter((finding) => finding.area === "Secrets").map((finding) => finding.verdict)).toEqual(["good"]);

  await root.reload();
  await expect(root.getByRole("region", { name: "Secrets" }).getByText(/files and folders are for their owner alone/)).toBeVisible();
});

test("admins watch what their own workspace sends, and of links their state alone", async ({ person, signedIn }) => {
  test.setTimeout(180_000);
  const author = await person("Ada Author");
  const campaign = await submitted(author, { name: "Watched", recipients: 40 });
  await approve(await person("Max Moderator"), campaign);
  await expect(async () => {
    await go(author, campaign);
    await expect(author.getByText("Done", { exact: true }).first()).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });

  const admin = await person("Ana Admin");
  await go(admin, "/w/demo");
  await admin.getByRole("navigation").getByRole("link", { name: "Monitoring" }).first().click();
  await admin.waitForURL(/\/w\/demo\/monitoring$/);
  await expect(admin.getByRole("heading", { level: 1 })).toHaveText("Monitoring");
  const links = admin.getByRole("region", { name: "Links to carriers" });
  await expect(links.getByText("Simulator", { exact: true })).toBeVisible();
  await expect(links.getByText("Bound", { exact: true })).toBeVisible();
  await expect(links.getByText(/^\d+ campaigns?$/)).toBeVisible();
  // What is counted by the hour is there some seconds later.
  const day = admin.getByRole("region", { name: "The last 24 hours" });
  await expect(async () => {
    await go(admin, "/w/demo/monitoring");
    const accepted = day.getByRole("img", { name: /^Messages of this workspace.*Accepted: now [\d,.]+, at most (?!0[;.])/ });
    await expect(accepted).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  const messages = day.locator("div", { has: admin.getByRole("img", { name: /^Messages of / }) }).last();
  await messages.getByText("The figures as a table").click();
  await expect(messages.getByRole("columnheader", { name: "Delivered" })).toBeVisible();
  await looked(admin, "workspace-monitoring");
  const file = await admin.request.get("/w/demo/monitoring/chart.csv?chart=messages");
  expect(await file.text()).toMatch(/^time,Accepted,Delivered,Failed\r\n\d\d:\d\d,/);
  await admin.getByRole("link", { name: "One hour" }).click();
  await admin.waitForURL(/span=hour/);

  // A workspace that sent nothing has no part in it.
  const olga = await signedIn(OTHER.admin.email);
  await go(olga, `/w/${OTHER.slug}/monitoring`);
  await expect(olga.getByText("No link is used at the moment")).toBeVisible();
  await looked(olga, "workspace-monitoring-empty");
  expect((await author.request.get("/w/demo/monitoring")).status()).toBe(403);
  expect((await olga.request.get("/w/demo/monitoring")).status()).toBe(404);
});

test("diagnostics are for admins, too, until a super admin keeps them", async ({ person, server, signedIn }) => {
  const admin = await person("Ana Admin");
  await go(admin, "/w/demo/diagnostics");
  await expect(admin.getByRole("region", { name: "Message Center" }).getByText("Database: it answers")).toBeVisible();
  await expect(admin.getByText(server.dataDir)).toHaveCount(0);
  await looked(admin, "workspace-diagnostics");

  const root = await signedIn(ROOT.email);
  await go(root, "/installation/settings");
  await root.getByLabel("Who sees diagnostics").selectOption({ label: "Super admins only" });
  await root.getByRole("button", { name: "Save" }).click();
  await expect(root.getByText("Saved. It holds from the next request on.")).toBeVisible();
  await go(admin, "/w/demo/monitoring");
  await expect(admin.getByRole("navigation").getByRole("link", { name: "Diagnostics" })).toHaveCount(0);
  expect((await admin.request.get("/w/demo/diagnostics")).status()).toBe(403);
  await go(root, "/w/demo/diagnostics");
  await expect(root.getByRole("heading", { level: 1 })).toHaveText("Diagnostics");
});
