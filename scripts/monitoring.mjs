// Starts Message Center and Debian's Prometheus, and looks whether the one gets from the other what alerts and dashboards
// are made of. The first argument is the program of Message Center.
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import process from "node:process";

const PATIENCE_MS = 90_000;
const program = process.argv[2];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "message-center-monitoring-"));
const running = [];

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function start(name, command, options) {
  const log = fs.openSync(path.join(folder, `${name}.log`), "w");
  const started = spawn(command, options, { stdio: ["ignore", log, log], cwd: folder });
  started.once("error", (error) => fail(`${name} cannot be started: ${error.message}`));
  running.push(started);
  return started;
}

let over = false;
async function end(code) {
  if (over) return;
  over = true;
  for (const child of running.reverse()) {
    if (child.exitCode !== null || child.pid === undefined) continue;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(late);
  }
  fs.rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

async function fail(why) {
  console.error(`monitoring: ${why}`);
  for (const name of ["message-center", "prometheus"]) {
    const log = path.join(folder, `${name}.log`);
    if (fs.existsSync(log)) console.error(`--- ${name}\n${fs.readFileSync(log, "utf8").split("\n").slice(-20).join("\n")}`);
  }
  await end(1);
}

async function until(what, look) {
  const deadline = Date.now() + PATIENCE_MS;
  let last;
  while (Date.now() < deadline) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s${last ? ` (${last.message})` : ""}`);
}

/** A dashboard as Grafana needs it; what is wrong with it. */
function flaws(file, dashboard) {
  const found = [];
  const need = (condition, what) => condition || found.push(`${file}: ${what}`);
  for (const key of ["uid", "title", "schemaVersion", "panels", "time", "templating"]) need(key in dashboard, `no ${key}`);
  need(/^[a-z0-9-]{1,40}$/.test(dashboard.uid), "uid is no name");
  const ids = new Set();
  for (const panel of dashboard.panels ?? []) {
    const where = `panel “${panel.title}”`;
    for (const key of ["id", "title", "type", "datasource", "gridPos", "targets", "fieldConfig", "options"]) need(key in panel, `${where} has no ${key}`);
    need(!ids.has(panel.id), `${where} has the id of another one`);
    ids.add(panel.id);
    const { x, w, h } = panel.gridPos;
    need(x >= 0 && w > 0 && h > 0 && x + w <= 24, `${where} does not fit into the grid`);
    need(panel.targets.length > 0, `${where} asks for nothing`);
    for (const target of panel.targets) {
      need(target.expr && target.refId, `${where} has a target without expr or refId`);
      need(target.datasource?.uid === "message-center-prometheus", `${where} asks another datasource than the one of provisioning`);
    }
  }
  return found;
}

try {
  const [web, metrics, prometheus] = [await freePort(), await freePort(), await freePort()];
  fs.writeFileSync(path.join(folder, "token"), "only for this trial\n", { mode: 0o600 });
  fs.writeFileSync(path.join(folder, "message-center.toml"), `[metrics]\nlisten = "127.0.0.1:${metrics}"\ntoken_file = "${folder}/token"\n`);
  start("message-center", program, ["serve", "--listen", `127.0.0.1:${web}`, "--data-dir", path.join(folder, "data")]);
  await until("Message Center gets ready", async () => (await fetch(`http://127.0.0.1:${web}/readyz`)).ok);
  const closed = await fetch(`http://127.0.0.1:${metrics}/metrics`);
  if (closed.status !== 401) throw new Error(`without the token the figures answer ${closed.status}`);
  const onTheWeb = await fetch(`http://127.0.0.1:${web}/metrics`);
  if (onTheWeb.ok) throw new Error("the web server itself gives the figures");

  // The configuration of deploy/, with the ports of this trial and a second between two looks.
  let config = fs.readFileSync("deploy/prometheus/prometheus.yml", "utf8");
  config = config
    .replaceAll("interval: 15s", "interval: 1s")
    .replace("127.0.0.1:9464", `127.0.0.1:${metrics}`)
    .replace(/ *# authorization:\n *# *credentials_file: .*\n/, `    authorization:\n      credentials_file: ${folder}/token\n`);
  if (!config.includes(`${folder}/token`)) throw new Error("deploy/prometheus/prometheus.yml does not say how a token is given");
  fs.writeFileSync(path.join(folder, "prometheus.yml"), config);
  fs.cpSync("deploy/prometheus/rules", path.join(folder, "rules"), { recursive: true });
  start("prometheus", "prometheus", [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/prometheus`,
    `--web.listen-address=127.0.0.1:${prometheus}`,
  ]);
  const ask = async (what) => {
    const answer = await (await fetch(`http://127.0.0.1:${prometheus}/api/v1/${what}`)).json();
    if (answer.status !== "success") throw new Error(`${what}: ${answer.error}`);
    return answer.data;
  };
  await until("Prometheus scrapes it", async () => (await ask("targets")).activeTargets.some((target) => target.health === "up"));
  const [target] = (await ask("targets")).activeTargets;
  if (target.lastError) throw new Error(`the scrape fails: ${target.lastError}`);
  const rules = await until("every rule is evaluated", async () => {
    const rules = (await ask("rules")).groups.flatMap((group) => group.rules);
    const broken = rules.find((rule) => rule.health === "err");
    if (broken) throw new Error(`${broken.name}: ${broken.lastError}`);
    return rules.every((rule) => rule.health === "ok") && rules;
  });
  const firing = rules.filter((rule) => rule.state === "firing").map((rule) => rule.name);
  // A disk of the machine that is full is no fault of the product.
  const unexpected = firing.filter((name) => !name.startsWith("Disk"));
  if (unexpected.length > 0) throw new Error(`a fresh installation raises ${unexpected.join(", ")}`);

  const asked = [];
  for (const file of fs.readdirSync("deploy/grafana/dashboards")) {
    const dashboard = JSON.parse(fs.readFileSync(path.join("deploy/grafana/dashboards", file), "utf8"));
    const found = flaws(file, dashboard);
    if (found.length > 0) throw new Error(found.join("\n"));
    asked.push(...dashboard.panels.flatMap((panel) => panel.targets.map((target) => target.expr)));
  }
  for (const expression of asked) {
    const plain = expression.replaceAll("$__rate_interval", "1m").replaceAll("$link", ".+");
    await ask(`query?query=${encodeURIComponent(plain)}`);
  }
  const samples = await ask(`query?query=${encodeURIComponent('count({job="message-center"})')}`);
  console.log(`monitoring: ${samples.result[0].value[1]} series scraped, ${rules.length} rules evaluated, ${asked.length} queries of dashboards answered`);
  await end(0);
} catch (error) {
  await fail(error.message);
}
