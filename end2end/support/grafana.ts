// Stands in for Grafana: answers as one that trusts its proxy, and tells on its page what it was sent.
import http from "node:http";
import type { AddressInfo } from "node:net";

export interface StandIn {
  url: string;
  /** The headers of everything that was asked for, health apart. */
  asked: { path: string; headers: http.IncomingHttpHeaders; body: string }[];
  stop(): Promise<void>;
}

/** A dashboard: who is asking, the colours, and a panel that asks its data source. */
const page = (path: string, query: URLSearchParams, headers: http.IncomingHttpHeaders) => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${path}</title><meta name="color-scheme" content="${query.get("theme")}">
<link rel="icon" href="data:,"><script src="/public/build/app.js" defer></script></head>
<body><main><h1>Dashboard ${path.split("/")[2]}</h1>
<p>Asked by ${headers["x-webauth-user"]}, ${headers["x-webauth-role"]}, in ${query.get("theme")}</p>
<p>Cookies: ${headers.cookie ?? "none"}</p><p id="panel">asking</p></main></body></html>`;

const SCRIPT = `const query = { queries: [{ refId: "A", expr: "up", datasource: { uid: "message-center-prometheus" } }] };
fetch("/api/ds/query", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(query) })
  .then((answer) => answer.json())
  .then((answer) => (document.getElementById("panel").textContent = "Sessions: " + answer.results.A));`;

export async function startGrafana(): Promise<StandIn> {
  const asked: StandIn["asked"] = [];
  const server = http.createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (text: string) => (body += text));
    request.on("end", () => {
      const { pathname, searchParams } = new URL(request.url!, "http://grafana");
      const send = (type: string, text: string) =>
        response
          .writeHead(200, { "content-type": type, "set-cookie": "grafana_session=1", "x-frame-options": "deny" })
          .end(text);
      if (pathname === "/api/health") return send("application/json", '{"database":"ok","version":"10.4.3"}');
      asked.push({ path: pathname, headers: request.headers, body });
      if (pathname.startsWith("/d/")) return send("text/html", page(pathname, searchParams, request.headers));
      if (pathname === "/public/build/app.js") return send("text/javascript", SCRIPT);
      if (pathname === "/api/ds/query") return send("application/json", '{"results":{"A":7}}');
      response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
