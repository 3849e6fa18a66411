// Asks the built server ($MC_SERVER) for pages as somebody who is signed in, at an even rate whatever the answers take,
// and prints one JSON object a line: how long the answers took from the moment at which they were due. $MC_DATA fills the
// data folder.
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";

import { Installation, pause, print, profile, quantile } from "./lib/bench-server.mjs";

const { values } = parseArgs({
  options: {
    campaigns: { type: "string", default: "10000" },
    rate: { type: "string", default: "500" },
    seconds: { type: "string", default: "20" },
  },
});
const [campaigns, rate, seconds] = [values.campaigns, values.rate, values.seconds].map(Number);
if (!(campaigns >= 10) || !(rate >= 1) || !(seconds >= 1)) throw new Error("--campaigns needs 10 or more, --rate and --seconds 1 or more");

const TARGET_MS = 20;
/** Before what is measured: the first views read what later ones find in memory. */
const WARM_UP = 50;
/** Then the server is behind for good, and asking on would only measure the queue. */
const PENDING_MAX = 2_000;

const installation = await Installation.make("web");
try {
  const begin = performance.now();
  execFileSync(process.env.MC_DATA, [installation.dataDir, String(campaigns)], { stdio: ["ignore", "ignore", "inherit"] });
  print("web", "fill_s", (performance.now() - begin) / 1_000, `s for ${campaigns} campaigns (${profile})`);
  await installation.start();
  const cookie = await installation.signIn("author@bench.example");
  const page = async (at) => {
    const answer = await installation.ask("GET", at, { cookie, headers: { accept: "text/html" } });
    if (answer.status !== 200) throw new Error(`${at} was answered with ${answer.status}`);
    return answer;
  };
  const pages = [
    ["list", "/w/bench/campaigns"],
    ["overview", "/w/bench"],
  ];
  for (const [name, at] of pages) {
    const first = await page(at);
    print("web", `${name}_first_ms`, first.ms, `ms, the first view after the start (${profile})`);
    print("web", `${name}_kib`, first.text.length / 1_024, "KiB of HTML");
    const alone = [];
    for (let count = 0; count < WARM_UP; count += 1) alone.push((await page(at)).ms);
    print("web", `${name}_alone_ms`, quantile(alone, 0.5), `ms, median of one after the other (${profile})`);

    const took = [];
    let pending = 0;
    let failed;
    const from = performance.now();
    const cpuFromMs = installation.serverCpuMs();
    const clientFrom = process.cpuUsage();
    let asked = 0;
    while (performance.now() - from < seconds * 1_000 && pending < PENDING_MAX && !failed) {
      // The first one is due at once.
      const due = 1 + Math.floor(((performance.now() - from) * rate) / 1_000);
      for (; asked < due; asked += 1) {
        const dueAt = from + (asked * 1_000) / rate;
        pending += 1;
        page(at)
          .then(() => took.push(performance.now() - dueAt))
          .catch((error) => (failed = error))
          .finally(() => (pending -= 1));
      }
      await pause(1);
    }
    const behind = pending;
    while (pending > 0) await pause(5);
    if (failed) throw failed;
    const all = (performance.now() - from) / 1_000;
    print("web", `${name}_per_s`, took.length / all, `1/s answered, of ${rate} asked; ${behind} waited at the end (${profile})`);
    print("web", `${name}_cpu_ms`, (installation.serverCpuMs() - cpuFromMs) / took.length, `ms of processor time a page (${profile})`);
    const client = process.cpuUsage(clientFrom);
    print("web", `${name}_client_cpu_ms`, (client.user + client.system) / 1_000 / took.length, `ms of processor time of the client a page (${profile})`);
    for (const [label, share] of [["p50", 0.5], ["p99", 0.99]]) {
      print("web", `${name}_${label}_ms`, quantile(took, share), `ms (${profile})`, label === "p99" ? TARGET_MS : undefined);
    }
  }
} finally {
  await installation.remove();
}
