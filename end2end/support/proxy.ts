// A connection that can be cut, between the browser and the server.
import net from "node:net";

export interface Proxy {
  url: string;
  /** From now on every connection is cut, at once or after so many more bytes to the server. */
  cut(afterBytes?: number): void;
  /** Connections go through again. */
  mend(): void;
  stop(): Promise<void>;
}

/** In front of the server at `url`, on a port of its own; cookies of localhost count for both. */
export async function proxy(url: string): Promise<Proxy> {
  const port = Number(new URL(url).port);
  const open = new Set<net.Socket>();
  /** Bytes to the server until the cut. */
  let left = Infinity;
  const cutAll = () => open.forEach((socket) => socket.resetAndDestroy());
  const listener = net.createServer((browser) => {
    if (left <= 0) return browser.resetAndDestroy();
    const server = net.connect(port, "127.0.0.1");
    for (const [socket, other] of [[browser, server], [server, browser]] as const) {
      open.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => (open.delete(socket), other.destroy()));
    }
    server.pipe(browser);
    browser.on("data", (bytes) => {
      left -= bytes.length;
      if (left <= 0) return cutAll();
      if (!server.write(bytes)) {
        browser.pause();
        server.once("drain", () => browser.resume());
      }
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://localhost:${(listener.address() as net.AddressInfo).port}`,
    cut: (afterBytes = 0) => {
      left = afterBytes;
      if (left <= 0) cutAll();
    },
    mend: () => (left = Infinity),
    stop: () => {
      cutAll();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}
