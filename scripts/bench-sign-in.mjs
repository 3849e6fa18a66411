// Signs in to the built server ($MC_SERVER) over HTTP, as through a proxy that it trusts, and prints one JSON object a
// line: how long a wrong password takes for accounts that exist and for ones that do not, and how quick another page is
// while a thousand sign-ins a minute come from many addresses.
import { parseArgs } from "node:util";

import { Installation, PASSWORD, pause, print as line, profile, quantile } from "./lib/bench-server.mjs";

const { values } = parseArgs({
  options: { attempts: { type: "string", default: "100" }, seconds: { type: "string", default: "45" } },
});
const attempts = Number(values.attempts);
const seconds = Number(values.seconds);
if (!(attempts >= 4) || !(seconds >= 1)) throw new Error("--attempts needs 4 or more, --seconds 1 or more");

const PER_MINUTE = 1_000;
const PAGE_P99_TARGET_MS = 1_000;

/** Each request of another browser, behind another address. */
let addresses = 0;
function forwarded() {
  addresses += 1;
  return { "x-forwarded-for": `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}` };
}

const print = (metric, value, target) => line("sign-in", metric, value, `ms (${profile})`, target);

function distribution(name, times) {
  for (const [label, share] of [["p5", 0.05], ["p50", 0.5], ["p95", 0.95]]) print(`${name}_${label}_ms`, quantile(times, share));
}

// People to sign in as, made while the server is down.
const it = await Installation.make("sign-in");
const people = Array.from({ length: Math.ceil(attempts / 2) }, (_, index) => `person${index}@known.example`);
it.workspace("bench");
for (const email of people) it.member("bench", email, "author");

/**
 * As the page sends it with a script: 200 signed in, 422 a wrong password. Who is locked or limited (429) or met a full
 * queue (503) cost nothing, and would make the figures look better than they are.
 */
async function signIn(email, password) {
  const answer = await it.ask("POST", "/api/app/api/account/sign_in", { form: { email, password }, headers: forwarded() });
  if (answer.status !== (password === PASSWORD ? 200 : 422)) throw new Error(`signing in was answered with ${answer.status}`);
  return answer;
}

try {
  await it.start("--trusted-proxy", "127.0.0.1");

  // Two wrong passwords each, so that nobody is locked; in turns, so that both meet the same machine.
  const times = { existing: [], unknown: [] };
  for (let index = 0; index < attempts; index += 1) {
    const who = index % people.length;
    times.existing.push((await signIn(people[who], "not this one")).ms);
    times.unknown.push((await signIn(`person${who}@unknown.example`, "not this one")).ms);
  }
  distribution("existing", times.existing);
  distribution("unknown", times.unknown);

  const cookie = await it.signIn(people.at(-1));
  const page = async () => {
    const answer = await it.ask("GET", "/w/bench/campaigns", { cookie, headers: forwarded() });
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
  const p99 = (list) => quantile(list, 0.99);
  print("page_quiet_p99_ms", p99(quiet));
  print("page_p99_ms", p99(busy), PAGE_P99_TARGET_MS);
  const sent = [...statuses.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    JSON.stringify({ bench: "sign-in", metric: "sign_ins_per_minute", value: Math.round((60 * sent) / seconds), unit: `1/min; answers by status: ${JSON.stringify(Object.fromEntries(statuses))}`, anchor: "target", anchor_value: PER_MINUTE, ratio: Math.round((6_000 * sent) / seconds / PER_MINUTE) / 100 }),
  );
} finally {
  await it.remove();
}
