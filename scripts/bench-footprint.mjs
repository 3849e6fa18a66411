// Starts the built server ($MC_SERVER) on empty data folders and prints medians, one JSON object a line; a ratio above 1
// is within target. What the dev profile reaches says little of a release: the unit names the profile.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { runs: { type: "string", default: "5" } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs: a number is expected, not ${values.runs}`);

const program = process.env.MC_SERVER;
const profile = process.env.MC_PROFILE ?? "dev";
const TARGET = { cold_start_ms: 1000, idle_rss_mib: 100 };
const START_LIMIT_MS = 60_000;
const LOOK_MS = 5;
const REST_MS = 5_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function freePort() {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  return port;
}

/** Resident memory of a process: all of it, and without what is only mapped from files, chiefly the program itself. */
function memory(pid) {
  const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)[1]) / 1024;
  return { idle_rss_mib: mib("VmRSS"), idle_anonymous_mib: mib("RssAnon") };
}

/**
 * The program is read from disk, as after a boot. One that was just linked or copied lies in memory in large pieces, of which
 * Linux maps more than is used: some 15 MiB that say nothing of the program.
 */
function forgetProgram() {
  const { status } = spawnSync("dd", [`if=${program}`, "iflag=nocache", "count=0"], { stdio: "ignore" });
  if (status !== 0) console.error("The program is measured as it lies in memory: its pages cannot be given up here.");
}

/** One start on an empty data folder: from exec to ready, then the first page, a rest, and the memory at its end. */
async function measure() {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "message-center-footprint-"));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const options = ["serve", "--listen", `127.0.0.1:${port}`, "--public-url", url, "--data-dir", dataDir];
  forgetProgram();
  const begin = performance.now();
  const server = spawn(program, options, { cwd: dataDir, stdio: "ignore" });
  const ended = once(server, "exit");
  try {
    for (;;) {
      if (server.exitCode !== null || server.signalCode !== null) throw new Error("the server ended at its start");
      if (performance.now() - begin > START_LIMIT_MS) throw new Error("the server did not get ready");
      const answer = await fetch(`${url}/readyz`).catch(() => undefined);
      if (answer?.ok) break;
      await pause(LOOK_MS);
    }
    const coldStartMs = performance.now() - begin;
    const page = await fetch(`${url}/sign-in`);
    if (!page.ok) throw new Error(`the first page was answered with ${page.status}`);
    await page.text();
    await pause(REST_MS);
    return { cold_start_ms: coldStartMs, ...memory(server.pid) };
  } finally {
    server.kill("SIGTERM");
    await ended;
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
}

function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];
}

function report(metric, value, unit) {
  const target = TARGET[metric];
  const anchor = target === undefined ? {} : { anchor: "target", anchor_value: target, ratio: Number((target / value).toFixed(2)) };
  console.log(JSON.stringify({ bench: "footprint", metric, value: Number(value.toFixed(1)), unit: `${unit}, ${profile} profile`, ...anchor }));
}

const results = [];
for (let run = 0; run < runs; run += 1) results.push(await measure());
for (const [metric, unit] of [["cold_start_ms", "ms"], ["idle_rss_mib", "MiB"], ["idle_anonymous_mib", "MiB"]]) {
  report(metric, median(results.map((result) => result[metric])), unit);
}
report("binary_mib", fs.statSync(program).size / 1024 / 1024, "MiB");
