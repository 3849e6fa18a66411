// An SMS Core as a process of its own, with the certificates that `message-center certs init` makes.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { freePort, program } from "./server";
import { link } from "./smsc";

export interface Core {
  /** For the file of Message Center. */
  section: string;
  url: string;
  start(): Promise<void>;
  /** Down at once, as a machine that loses its power. */
  kill(): Promise<void>;
  remove(): Promise<void>;
}

/** It has one link, “Carrier”, to an SMSC at this port; it is not started yet. */
export async function remoteCore(smscPort: number): Promise<Core> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "message-center-core-"));
  execFileSync(program(), ["certs", "init", "--dir", dir]);
  const port = await freePort();
  const file = (name: string) => JSON.stringify(path.join(dir, name));
  const config = path.join(dir, "core.toml");
  fs.writeFileSync(
    config,
    `listen = "127.0.0.1:${port}"
ca = ${file("ca.crt")}
certificate = ${file("core.crt")}
key = ${file("core.key")}
crl = ${file("crl.pem")}
allow = ["urn:message-center:center"]

${link(smscPort)}`,
  );
  const url = `https://localhost:${port}`;
  let running: ChildProcess | undefined;
  const kill = async () => {
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running!.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  };
  return {
    url,
    section: `[[cores]]
id = "dmz"
url = "${url}"
ca = ${file("ca.crt")}
certificate = ${file("center.crt")}
key = ${file("center.key")}
crl = ${file("crl.pem")}
`,
    start: async () => {
      const process_ = spawn(program(), ["core", "--config", config], { stdio: ["ignore", "pipe", "ignore"] });
      running = process_;
      await new Promise<void>((resolve, reject) => {
        process_.stdout.setEncoding("utf8").on("data", (text: string) => text.includes("SMS Core is at") && resolve());
        process_.once("exit", (code) => reject(new Error(`the SMS Core ended with ${code}`)));
      });
    },
    kill,
    remove: async () => {
      await kill();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}
