// Peers for links: the simulator as a process of its own, which can be told to misbehave, and what speaks no SMPP at all.
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

import { program } from "./server";

export interface Smsc {
  /** The destinations of what it accepted, in order: one entry a message part. */
  accepted(): string[];
  /** A subscriber writes; only with a port of its control page. */
  write(message: { from: string; to: string; text: string }): Promise<void>;
  stop(): Promise<void>;
}

/** `behaviour` is that of `message-center simulator --behaviour`. */
export async function simulator(port: number, behaviour: object = {}, control?: number): Promise<Smsc> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "message-center-smsc-"));
  const log = path.join(dir, "accepted");
  const process_ = spawn(
    program(),
    [
      "simulator",
      ...["--listen", `127.0.0.1:${port}`, "--log", log, "--behaviour", JSON.stringify(behaviour)],
      ...(control === undefined ? [] : ["--control", `127.0.0.1:${control}`]),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await listening(process_);
  return {
    accepted: () =>
      fs.existsSync(log) ? fs.readFileSync(log, "utf8").split("\n").filter(Boolean).map((line) => line.split(" ")[0]!) : [],
    write: async (message) => {
      const answer = await fetch(`http://127.0.0.1:${control}/write`, { method: "POST", body: new URLSearchParams(message) });
      if (!answer.ok) throw new Error(`the simulator's control page answered ${answer.status}`);
    },
    stop: async () => {
      if (process_.signalCode !== null) return;
      const ended = new Promise((resolve) => process_.once("exit", resolve));
      process_.kill("SIGKILL");
      await ended;
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function listening(process_: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process_.stdout!.setEncoding("utf8").on("data", (text: string) => text.includes("listening on") && resolve());
    process_.once("exit", (code) => reject(new Error(`the simulator ended with ${code}`)));
  });
}

/** Answers whatever comes with a line of another protocol. */
export async function babble(port: number): Promise<{ stop(): Promise<void> }> {
  const server = net.createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** The configuration of a link to such a peer. It tries again within a second. */
export function link(port: number, settings = ""): string {
  return `[[links]]
id = "carrier"
name = "Carrier"
host = "127.0.0.1"
port = ${port}
system_id = "e2e"
password = "e2e"
${settings}
[links.timers]
reconnect_min_s = 1
reconnect_max_s = 1
`;
}
