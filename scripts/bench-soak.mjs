// A server under mixed load for half an hour: campaigns from upload to Done, one after the other, people who look at pages
// and follow the live figures. Prints the memory and the size of the database over time, and how they grow.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { parseArgs } from "node:util";

import { Installation, pause, print, quantile } from "./lib/bench-server.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    recipients: { type: "string", default: "20000" },
    rate: { type: "string", default: "2000" },
  },
});
const minutes = Number(values.minutes);
const recipients = Number(values.recipients);
const rate = Number(values.rate);
if (!(minutes > 0) || !(recipients >= 10) || !(rate >= 10)) throw new Error("--minutes, --recipients (10 or more) and --rate (10 or more) are numbers");

const SLUG = "bench";
const SAMPLE_MS = 2_000;
const PAGE_PAUSE_MS = 100;
/** What the process needs until it has done everything once is no growth. */
const WARM_UP = 0.2;
/** The last thing that it does for the first time is a compaction, which fills the cache of blocks: the database shrinks. */
const COMPACTED_MIB = 40;
const MIB = 1024 * 1024;

/** The SMSC, a process of its own: its log would be memory of the server otherwise. */
async function simulator() {
  const behaviour = { receipts: { delay_ms: 500, failure_rate: 0.02, duplicate_rate: 0.01 }, error_rate: 0.01, error_status: 11 };
  const child = spawn(process.env.MC_SERVER, ["simulator", "--listen", "127.0.0.1:0", "--behaviour", JSON.stringify(behaviour)], { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = await once(child.stdout, "data");
  return { child, port: Number(/:(\d+)\s*$/.exec(line.toString())[1]) };
}

function memory(pid) {
  const status = fs.readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)[1]);
  return { rss: kib("VmRSS") / 1024, anonymous: kib("RssAnon") / 1024 };
}

function folderMib(folder) {
  return Number(execFileSync("du", ["-s", "--block-size=1", folder], { encoding: "utf8" }).split("\t")[0]) / MIB;
}

/** Of a line through the points, per hour of x in seconds. */
function slopePerHour(points) {
  const mean = (pick) => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [x, y] = [mean((point) => point[0]), mean((point) => point[1])];
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return spread === 0 ? 0 : (3_600 * points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)) / spread;
}

const smsc = await simulator();
const it = await Installation.make(
  "soak",
  `[[links]]\nid = "carrier"\nname = "Carrier"\nhost = "127.0.0.1"\nport = ${smsc.port}\nsystem_id = "bench"\npassword = "bench"\nwindow = 200\nrate_segments_per_s = ${rate}\nis_simulator = true\n`,
);
let stopping = false;
try {
  it.workspace(SLUG);
  for (const role of ["admin", "author", "moderator"]) it.member(SLUG, `${role}@bench.example`, role);
  await it.start();
  const [admin, author, moderator] = await Promise.all(["admin", "author", "moderator"].map((who) => it.signIn(`${who}@bench.example`)));

  const addressing = { saddr: "BENCH", source_ton: "5", source_npi: "0", destination_ton: "1", destination_npi: "1", reason: "" };
  await it.done("senders/create_sender", { slug: SLUG, display_name: "Bench", ...addressing }, admin);
  const [sender] = (await it.ask("GET", `/w/${SLUG}/senders`, { cookie: admin, headers: { accept: "text/html" } })).text.match(/[0-9a-f]{8}-[0-9a-f-]{27}/);
  await it.done("moderation/approve_revision", { slug: SLUG, sender, number: "1" }, moderator);

  const begin = performance.now();
  const seconds = () => (performance.now() - begin) / 1_000;
  const until = begin + minutes * 60_000;
  const over = () => stopping || performance.now() > until;
  const figures = { campaigns: 0, pages: [], samples: [] };

  async function status(id) {
    const { text } = await it.done("campaigns/detail/campaign", { slug: SLUG, id }, author);
    return JSON.parse(text).status;
  }

  async function campaign(number) {
    const created = await it.done("wizard/create_draft", { slug: SLUG, mode: "on_demand" }, author);
    const where = created.headers.location;
    const id = /campaigns\/([^/]+)\//.exec(where)[1];
    await it.done(
      "wizard/save_message",
      { slug: SLUG, id, mode: "on_demand", name: `Soak ${number}`, sender, channel: "carrier", text: "Hello {name}, your parcel is there", start_automatically: "true" },
      author,
    );
    const lines = ["number,name"];
    for (let index = 0; index < recipients; index += 1) lines.push(`+43660${String(1_000_000 + index).padStart(7, "0")},Ann${index}`);
    const file = lines.join("\n");
    const at = `/w/${SLUG}/campaigns/${id}/upload`;
    const announced = await it.ask("POST", at, { json: { file_name: "people.csv", size_bytes: Buffer.byteLength(file) }, cookie: author });
    const { upload } = JSON.parse(announced.text);
    await it.ask("PATCH", at, { body: file, cookie: author, headers: { "upload-id": upload, "upload-offset": "0", "content-type": "application/octet-stream" } });
    await it.done("recipients/read_recipients", { slug: SLUG, id, upload, number_column: "0", has_header: "true", separator: "," }, author);
    for (;;) {
      const submitted = await it.call("wizard/submit_draft", { slug: SLUG, id }, author);
      if (submitted.status === 200) break;
      if (submitted.status !== 422) throw new Error(`submitting was answered with ${submitted.status}: ${submitted.text.slice(0, 300)}`);
      if (over()) return;
      await pause(200);
    }
    await it.done("moderation/approve_campaign", { slug: SLUG, id, version: "1" }, moderator);
    while ((await status(id)) !== "done") {
      if (over()) return;
      await pause(500);
    }
    figures.campaigns += 1;
  }

  async function people() {
    const pages = [`/w/${SLUG}`, `/w/${SLUG}/campaigns`, `/w/${SLUG}/moderation`, `/w/${SLUG}/members`, `/w/${SLUG}/senders`];
    for (let count = 0; !over(); count += 1) {
      const answer = await it.ask("GET", pages[count % pages.length], { cookie: author, headers: { accept: "text/html" } });
      if (answer.status !== 200) throw new Error(`a page was answered with ${answer.status}`);
      figures.pages.push(answer.ms);
      if (figures.pages.length > 50_000) figures.pages.splice(0, 25_000);
      await pause(PAGE_PAUSE_MS);
    }
  }

  /** Somebody who has the overview open. */
  function follow() {
    const request = http.get(`${it.url}/w/${SLUG}/events`, { headers: { cookie: moderator, accept: "text/event-stream" } }, (answer) => answer.resume());
    request.on("error", () => {});
    return request;
  }

  async function watch() {
    while (!over()) {
      figures.samples.push([seconds(), memory(it.server.pid), folderMib(it.path("db"))]);
      await pause(SAMPLE_MS);
    }
  }

  async function campaigns() {
    for (let number = 1; !over(); number += 1) await campaign(number);
  }

  const stream = follow();
  try {
    await Promise.all([campaigns(), people(), watch()]);
  } finally {
    stopping = true;
    stream.destroy();
  }

  const { samples } = figures;
  const sent = figures.campaigns * recipients;
  for (let minute = 0; minute <= minutes; minute += Math.max(1, Math.floor(minutes / 10))) {
    const [, used, database] = samples.find(([at]) => at >= minute * 60) ?? samples.at(-1);
    print("soak", `minute_${minute}_anonymous_mib`, used.anonymous, "MiB");
    print("soak", `minute_${minute}_database_mib`, database, "MiB");
  }
  const compacted = samples.findIndex(([, , database], index) => index > 0 && database < samples[index - 1][2] - COMPACTED_MIB);
  const warm_s = compacted > 0 ? samples[compacted][0] + 60 : WARM_UP * minutes * 60;
  print("soak", "first_compaction_minute", compacted > 0 ? samples[compacted][0] / 60 : -1, "min");
  const warm = samples.filter(([at]) => at >= warm_s);
  if (warm.length < 2) throw new Error("the first compaction came at the very end: --minutes more, or a higher --rate");
  const peak = (list) => Math.max(...list.map(([, used]) => used.anonymous));
  const half = Math.floor(warm.length / 2);
  print("soak", "anonymous_peak_first_half_mib", peak(warm.slice(0, half)), "MiB");
  print("soak", "anonymous_peak_second_half_mib", peak(warm.slice(half)), "MiB");
  print("soak", "anonymous_growth_mib_per_hour", slopePerHour(warm.map(([at, used]) => [at, used.anonymous])), "MiB/h");
  print("soak", "rss_peak_mib", Math.max(...samples.map(([, used]) => used.rss)), "MiB");
  print("soak", "campaigns", figures.campaigns, "campaigns");
  print("soak", "messages", sent, "messages");
  if (sent > 0) print("soak", "database_bytes_per_message", (samples.at(-1)[2] * MIB) / sent, "B");
  print("soak", "page_p50_ms", quantile(figures.pages, 0.5), "ms");
  print("soak", "page_p99_ms", quantile(figures.pages, 0.99), "ms");
  if (figures.campaigns === 0) throw new Error("no campaign came to its end");
} finally {
  await it.remove();
  smsc.child.kill();
}
