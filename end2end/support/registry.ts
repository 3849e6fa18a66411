// The simulated 10DLC registry as a process of its own, what a server's configuration says of it, and its control.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { freePort, program } from "./server";

export interface Registry {
  /** What the configuration file of a server says to speak with it. */
  config: string;
  /** A carrier does something with a 10DLC campaign: `approve`, `reject`, `suspend`, `unsuspend`. */
  carrier(campaign: string, carrier: number, event: string, reason?: string, category?: string): Promise<void>;
  /** The identity of a brand: `confirmed` or `not_confirmed`. */
  identity(brand: string, event: string): Promise<void>;
  stop(): Promise<void>;
}

/** `behaviour` is that of `message-center registry-simulator --behaviour`. */
export async function registry(behaviour: object = {}): Promise<Registry> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "message-center-registry-"));
  const key = path.join(dir, "key");
  fs.writeFileSync(key, "e2e:s3cret\n");
  // Servers that are stopped later still read their configuration.
  process.once("exit", () => fs.rmSync(dir, { recursive: true, force: true }));
  const address = `127.0.0.1:${await freePort()}`;
  const process_ = spawn(
    program(),
    ["registry-simulator", "--listen", address, "--key-file", key, "--behaviour", JSON.stringify(behaviour)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await new Promise<void>((resolve, reject) => {
    process_.stdout!.setEncoding("utf8").on("data", (text: string) => text.includes("the registry is at") && resolve());
    process_.once("exit", (code) => reject(new Error(`the registry ended with ${code}`)));
  });
  const control = async (path: string, body: object): Promise<void> => {
    const answer = await fetch(`http://${address}/control/${path}`, {
      method: "POST",
      headers: { authorization: `Basic ${btoa("e2e:s3cret")}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`the registry's control answered ${answer.status}: ${await answer.text()}`);
  };
  return {
    config: `[registry]\nurl = "http://${address}/v2"\nkey_file = ${JSON.stringify(key)}\n`,
    carrier: (campaign, carrier, event, reason = "", category = undefined) =>
      control(`campaign/${campaign}/carrier/${carrier}`, { event, reason, category }),
    identity: (brand, event) => control(`brand/${brand}/identity`, { event }),
    stop: async () => {
      if (process_.signalCode === null) {
        const ended = new Promise((resolve) => process_.once("exit", resolve));
        process_.kill("SIGKILL");
        await ended;
      }
    },
  };
}
