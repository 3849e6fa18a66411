// What those see who keep it running: monitoring with what was sent, diagnostics with what is wrong, and the same by the
// command line.
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
