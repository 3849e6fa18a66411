// Starts the built server on a free port with an empty data folder, and stops it again.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

export interface Server {
  url: string;
  dataDir: string;
  /** Everything that the server wrote to its log so far. */
  log(): string;
  /** Down, then what needs the data to itself, then up again at the same address. */
  restart(meanwhile?: () => void): Promise<void>;
  /** Down for good; its data goes, after what still needs them. */
  stop(before?: () => void): Promise<void>;
}

/** The built program; `./x e2e` says where it is. */
export function program(): string {
  const program = process.env.MC_SERVER;
  if (!program) throw new Error("MC_SERVER does not name the server: run ./x e2e");
  return program;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** `options` are further options of `message-center serve`, `config` is what its configuration file says. */
export async function startServer(options: string[] = [], config = ""): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await started(options, config);
    } catch (error) {
      // Another worker can take the port between its being found free and its being listened on.
      if (attempt === 3 || !String(error).includes("Address already in use")) throw error;
    }
  }
}

async function started(options: string[], config: string): Promise<Server> {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "message-center-e2e-"));
  fs.writeFileSync(path.join(dataDir, "message-center.toml"), config);
  const port = await freePort();
  const url = `http://localhost:${port}`;
  let log = "";
  const spawned = () => {
    const process_ = spawn(
      program(),
      ["serve", "--listen", `127.0.0.1:${port}`, "--public-url", url, "--data-dir", dataDir, ...options],
      { stdio: ["ignore", "pipe", "pipe"], cwd: dataDir, env: { ...process.env, NO_COLOR: "1" } },
    );
    for (const stream of [process_.stdout, process_.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => (log += text));
    }
    return process_;
  };
  let running = spawned();
  const server: Server = {
    url,
    dataDir,
    log: () => log,
    restart: async (meanwhile) => {
      await stop(running);
      meanwhile?.();
      running = spawned();
      await ready(url, running, () => log);
    },
    stop: async (before) => {
      await stop(running);
      try {
        before?.();
      } finally {
        fs.rmSync(dataDir, { recursive: true, force: true });
      }
    },
  };
  try {
    await ready(url, running, () => log);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** A command of an operator, while the server is down; gives what it prints. */
export function command(server: Server, area: string, ...words: string[]): string {
  const options = ["--data-dir", server.dataDir, "--public-url", server.url];
  return execFileSync(program(), [area, ...options, ...words], { cwd: server.dataDir, encoding: "utf8" });
}

async function ready(url: string, process_: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (process_.exitCode !== null) throw new Error(`the server ended at its start:\n${log()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server did not get ready:\n${log()}`);
}

async function stop(process_: ChildProcess): Promise<void> {
  if (process_.exitCode !== null) return;
  const ended = new Promise((resolve) => process_.once("exit", resolve));
  process_.kill("SIGTERM");
  const late = setTimeout(() => process_.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(late);
}
