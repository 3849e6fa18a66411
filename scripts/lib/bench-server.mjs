// The built server ($MC_SERVER) on a free port with an empty data folder, people in it, and requests to it: for the
// benches that measure it from outside.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";

export const PASSWORD = "seven wooden boats";
export const profile = process.env.MC_PROFILE ?? "dev";

const program = process.env.MC_SERVER;
const START_LIMIT_MS = 60_000;
/** The unit of times in /proc, the same on all of Linux. */
const CLOCK_TICK_MS = 10;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** A line of a bench's output, as docs/measurements.md knows them. `target` is a bound that the value should stay under. */
export function print(bench, metric, value, unit, target) {
  const rounded = Math.round(value * 10) / 10;
  const anchor = target === undefined ? { anchor: null, anchor_value: null, ratio: null } : { anchor: "target", anchor_value: target, ratio: Math.round((100 * target) / value) / 100 };
  console.log(JSON.stringify({ bench, metric, value: rounded, unit, ...anchor }));
}

async function freePort() {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  return port;
}

/** A data folder and an address; nothing runs yet. */
export class Installation {
  static async make(name, config = "") {
    const installation = new Installation();
    installation.dataDir = fs.mkdtempSync(path.join(os.tmpdir(), `message-center-${name}-`));
    installation.port = await freePort();
    installation.url = `http://localhost:${installation.port}`;
    installation.agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
    fs.writeFileSync(installation.path("message-center.toml"), config);
    fs.writeFileSync(installation.path("password"), `${PASSWORD}\n`);
    return installation;
  }

  path(name) {
    return path.join(this.dataDir, name);
  }

  /** A command of an operator, while the server is down. */
  operator(area, ...words) {
    const options = ["--data-dir", this.dataDir, "--public-url", this.url];
    execFileSync(program, [area, ...options, ...words], { cwd: this.dataDir, stdio: ["ignore", "ignore", "inherit"] });
  }

  workspace(slug) {
    this.operator("workspace", "create", "--slug", slug, "--name", "Bench", "--time-zone", "UTC", "--country", "AT");
  }

  member(slug, email, role) {
    this.operator("user", "create", "--email", email, "--name", email.split("@")[0], "--workspace", slug, "--role", role, "--password-file", this.path("password"));
  }

  /** Starts the server and waits until it is ready. */
  async start(...options) {
    const words = ["serve", "--listen", `127.0.0.1:${this.port}`, "--public-url", this.url, "--data-dir", this.dataDir, ...options];
    const log = fs.openSync(this.path("server.log"), "a");
    this.server = spawn(program, words, { cwd: this.dataDir, stdio: ["ignore", log, log] });
    this.ended = once(this.server, "exit");
    const begin = performance.now();
    for (;;) {
      if (this.server.exitCode !== null || this.server.signalCode !== null) throw new Error("the server ended at its start");
      if (performance.now() - begin > START_LIMIT_MS) throw new Error("the server did not get ready");
      if ((await fetch(`${this.url}/readyz`).catch(() => undefined))?.ok) return;
      await pause(20);
    }
  }

  /** Processor time that the server has taken so far. */
  serverCpuMs() {
    const fields = fs.readFileSync(`/proc/${this.server.pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) * CLOCK_TICK_MS;
  }

  /** Ends the server, and removes everything. */
  async remove() {
    if (this.server) {
      this.server.kill("SIGTERM");
      await this.ended;
    }
    this.agent.destroy();
    fs.rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Status, headers, text and the time until the answer was there. */
  ask(method, at, { form, json, body, cookie, key, headers = {} } = {}) {
    const sent = { "sec-fetch-site": "same-origin", accept: "application/json", ...headers };
    if (cookie) sent.cookie = cookie;
    if (key) sent.authorization = `Bearer ${key}`;
    let content = body;
    if (form) {
      sent["content-type"] = "application/x-www-form-urlencoded";
      content = new URLSearchParams(form).toString();
    } else if (json) {
      sent["content-type"] = "application/json";
      content = JSON.stringify(json);
    }
    if (content !== undefined) sent["content-length"] = Buffer.byteLength(content);
    const begin = performance.now();
    return new Promise((resolve, reject) => {
      const request = http.request(`${this.url}${at}`, { method, headers: sent, agent: this.agent }, (answer) => {
        const pieces = [];
        answer.on("data", (piece) => pieces.push(piece));
        answer.once("error", reject);
        answer.once("end", () => {
          resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(pieces).toString(), ms: performance.now() - begin });
        });
      });
      request.once("error", reject);
      request.end(content);
    });
  }

  /** As a page with a script sends it. */
  call(name, form, cookie) {
    return this.ask("POST", `/api/app/api/${name}`, { form, cookie });
  }

  /** [`call`] that has to succeed. */
  async done(name, form, cookie) {
    const answer = await this.call(name, form, cookie);
    if (answer.status !== 200) throw new Error(`${name} was answered with ${answer.status}: ${answer.text.slice(0, 300)}`);
    return answer;
  }

  async signIn(email) {
    const { headers } = await this.done("account/sign_in", { email, password: PASSWORD });
    return headers["set-cookie"].map((line) => line.split(";")[0]).join("; ");
  }
}
