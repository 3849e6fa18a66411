// Signs in to the built server ($MC_SERVER) over HTTP, as through a proxy that it trusts, and prints one JSON object a
// line: how long a wrong password takes for accounts that exist and for ones that do not, and how quick another page is
// while a thousand sign-ins a minute come from many addresses.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { attempts: { type: "string", default: "100" }, seconds: { type: "string", default: "45" } },
});
const attempts = Number(values.attempts);
const seconds = Number(values.seconds);
if (!(attempts >= 4) || !(seconds >= 1)) throw new Error("--attempts needs 4 or more, --seconds 1 or more");

const program = process.env.MC_SERVER;
const profile = process.env.MC_PROFILE ?? "dev";
const PER_MINUTE = 1_000;
const PAGE_P99_TARGET_MS = 1_000;
const START_LIMIT_MS = 60_000;
const PASSWORD = "seven wooden boats";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "message-center-sign-in-"));
const port = await freePort();
const url = `http://localhost:${port}`;

async function freePort() {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  return port;
}

/** Each request of another browser, behind another address. */
let addresses = 0;
function address() {
  addresses += 1;
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

/** Status, cookie and the time until the answer was there. */
function ask(method, at, { form, cookie } = {}) {
  const headers = { "x-forwarded-for": address(), "sec-fetch-site": "same-origin", accept: "application/json" };
  if (cookie) headers.cookie = cookie;
  const body = form && new URLSearchParams(form).toString();
  if (body) headers["content-type"] = "application/x-www-form-urlencoded";
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}${at}`, { method, headers, agent }, (answer) => {
      answer.resume();
      answer.once("end", () => {
        const cookie = answer.headers["set-cookie"]?.map((line) => line.split(";")[0]).join("; ");
        resolve({ status: answer.statusCode, cookie, ms: performance.now() - begin });
      });
    });
    request.once("error", reject);
    request.end(body);
  });
}

/**
 * As the page sends it with a script: 200 signed in, 422 a wrong password. Who is locked or limited (429) or met a full
 * queue (503) cost nothing, and would make the figures look better than they are.
 */
async function signIn(email, password) {
  const answer = await ask("POST", "/api/app/api/account/sign_in", { form: { email, password } });
  if (answer.status !== (password === PASSWORD ? 200 : 422)) throw new Error(`signing in was answered with ${answer.status}`);
  return answer;
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

function print(metric, value, target) {
  const line = { bench: "sign-in", metric, value: Math.round(value * 10) / 10, unit: `ms (${profile})` };
  Object.assign(line, { anchor: target ? "target" : null, anchor_value: target ?? null });
  console.log(JSON.stringify({ ...line, ratio: target ? Math.round((100 * target) / value) / 100 : null }));
}

function distribution(name, times) {
  const sorted = [...times].sort((a, b) => a - b);
  for (const [label, share] of [["p5", 0.05], ["p50", 0.5], ["p95", 0.95]]) print(`${name}_${label}_ms`, quantile(sorted, share));
}

// People to sign in as, made while the server is down.
fs.writeFileSync(path.join(dataDir, "message-center.toml"), "");
const passwordFile = path.join(dataDir, "password");
fs.writeFileSync(passwordFile, `${PASSWORD}\n`);
const operator = (...words) =>
  execFileSync(program, [words[0], "--data-dir", dataDir, "--public-url", url, ...words.slice(1)], { cwd: dataDir, stdio: ["ignore", "ignore", "inherit"] });
const people = Array.from({ length: Math.ceil(attempts / 2) }, (_, index) => `person${index}@known.example`);
operator("workspace", "create", "--slug", "bench", "--name", "Bench", "--time-zone", "UTC", "--country", "AT");
for (const email of people) {
  operator("user", "create", "--email", email, "--name", "Person", "--workspace", "bench", "--role", "author", "--password-file", passwordFile);
}

const server = spawn(
  program,
  ["serve", "--listen", `127.0.0.1:${port}`, "--public-url", url, "--data-dir", dataDir, "--trusted-proxy", "127.0.0.1"],
  { cwd: dataDir, stdio: "ignore" },
);
const ended = once(server, "exit");
try {
  const begin = performance.now();
  for (;;) {
    if (server.exitCode !== null || server.signalCode !== null) throw new Error("the server ended at its start");
    if (performance.now() - begin > START_LIMIT_MS) throw new Error("the server did not get ready");
    if ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok) break;
    await pause(20);
  }

  // Two wrong passwords each, so that nobody is locked; in turns, so that both meet the same machine.
  const times = { existing: [], unknown: [] };
  for (let index = 0; index < attempts; index += 1) {
    const who = index % people.length;
    times.existing.push((await signIn(people[who], "not this one")).ms);
    times.unknown.push((await signIn(`person${who}@unknown.example`, "not this one")).ms);
  }
  distribution("existing", times.existing);
  distribution("unknown", times.unknown);

  const { cookie } = await signIn(people.at(-1), PASSWORD);
  if (!cookie) throw new Error("signing in gave no cookie");
  const page = async () => {
    const answer = await ask("GET", "/w/bench/campaigns", { cookie });
    if (answer.status !== 200) throw new Error(`the page was answered with ${answer.status}`);
    return answer.ms;
  };
  const quiet = [];
  for (let count = 0; count < 20; count += 1) quiet.push(await page());

  const until = performance.now() + seconds * 1_000;
  const statuses = new Map();
  const pending = new Set();
  const attempt = async (count) => {
    const { status } = await signIn(`somebody${count}@unknown.example`, "not this one");
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  };
  const crowd = (async () => {
    for (let count = 0; performance.now() < until; count += 1) {
      const one = attempt(count).finally(() => pending.delete(one));
      pending.add(one);
      await pause(60_000 / PER_MINUTE);
    }
  })();
  const busy = [];
  while (performance.now() < until) {
    busy.push(await page());
    await pause(50);
  }
  await crowd;
  await Promise.all(pending);
  const p99 = (list) => quantile([...list].sort((a, b) => a - b), 0.99);
  print("page_quiet_p99_ms", p99(quiet));
  print("page_p99_ms", p99(busy), PAGE_P99_TARGET_MS);
  const sent = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    JSON.stringify({ bench: "sign-in", metric: "sign_ins_per_minute", value: Math.round((60 * sent) / seconds), unit: `1/min; answers by status: ${JSON.stringify(Object.fromEntries(statuses))}`, anchor: "target", anchor_value: PER_MINUTE, ratio: Math.round((6_000 * sent) / seconds / PER_MINUTE) / 100 }),
  );
} finally {
  server.kill("SIGTERM");
  await ended;
  agent.destroy();
  fs.rmSync(dataDir, { recursive: true, force: true });
}
