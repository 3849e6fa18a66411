// Starts the built server with a workspace, a key with all scopes and some campaigns, and lets Schemathesis ($SCHEMATHESIS)
// ask it. Prints one JSON object: how many requests there were, and whether anything was found.
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { parseArgs } from "node:util";

import { Installation } from "./lib/bench-server.mjs";

const { values } = parseArgs({ options: { examples: { type: "string", default: "20" } } });
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
  "response_headers_conformance",
  "unsupported_method",
  "ignored_auth",
];

const installation = await Installation.make("schemathesis");
installation.workspace("acme");
installation.member("acme", "admin@acme.example", "admin");
await installation.start();
try {
  const cookie = await installation.signIn("admin@acme.example");
  const document = await (await fetch(`${installation.url}/api/v1/openapi.json`)).json();
  const scopes = new Set(JSON.stringify(document).match(/`[a-z]+:(?:read|write|control)`/g).map((scope) => scope.slice(1, -1)));
  scopes.add("numbers:read");
  const chosen = Object.fromEntries([...scopes].map((scope, index) => [`scopes[${index}]`, scope]));
  const made = await installation.done("keys/make_api_key", { slug: "acme", name: "Schemathesis", life_days: "30", ...chosen }, cookie);
  const key = JSON.parse(made.text).secret;
  for (const mode of ["on_demand", "trigger"]) {
    const answer = await installation.ask("POST", "/api/v1/campaigns", { key, json: { mode, name: "Schemathesis", text: "Hello" } });
    if (answer.status !== 201) throw new Error(`a campaign was answered with ${answer.status}`);
  }

  const words = ["run", `${installation.url}/api/v1/openapi.json`, "--header", `Authorization: Bearer ${key}`];
  words.push("--checks", CHECKS.join(","), "--max-examples", values.examples, "--rate-limit", "10/s", "--no-color");
  const report = installation.path("schemathesis.log");
  const begin = performance.now();
  const child = spawn(process.env.SCHEMATHESIS, words, { cwd: installation.dataDir, stdio: ["ignore", "pipe", "inherit"] });
  const log = fs.createWriteStream(report);
  child.stdout.on("data", (piece) => {
    process.stderr.write(piece);
    log.write(piece);
  });
  const [code] = await once(child, "exit");
  log.end();
  await once(log, "finish");
  const generated = Number(/(\d+) generated/.exec(fs.readFileSync(report, "utf8"))?.[1] ?? 0);
  const seconds = Math.round((performance.now() - begin) / 1_000);
  console.log(JSON.stringify({ bench: "schemathesis", metric: "cases", value: generated, unit: `requests in ${seconds} s; ${code === 0 ? "nothing found" : "something found"}`, anchor: null, anchor_value: null, ratio: null }));
  process.exitCode = code ?? 1;
} finally {
  await installation.remove();
}
