// Prints the compressed sizes of what the browser loads first, one JSON object a line; a ratio above 1 is within target.
// `wasm_brotli_kib` is what the first page of everybody needs, signing in; `wasm_NAME_brotli_kib` is that with the bundle of
// NAME, as for somebody who comes with a session and an empty cache.
import fs from "node:fs";

const TARGET_KIB = { wasm: 350, js: 40, css: 30 };
const { bundles, ...manifest } = JSON.parse(fs.readFileSync("dist/manifest.json", "utf8"));
const kib = (paths) => paths.reduce((sum, path) => sum + fs.statSync(`dist${path}.br`).size, 0) / 1024;

function print(metric, kind, paths) {
  const value = kib(paths);
  const target = TARGET_KIB[kind];
  console.log(
    JSON.stringify({
      bench: "size",
      metric,
      value: Number(value.toFixed(1)),
      unit: "KiB",
      anchor: "target",
      anchor_value: target,
      ratio: Number((target / value).toFixed(2)),
    }),
  );
}

print("wasm_brotli_kib", "wasm", [manifest.wasm]);
print("js_brotli_kib", "js", [manifest.js, manifest.loader]);
print("css_brotli_kib", "css", [manifest.css]);
for (const [name, pieces] of Object.entries(bundles)) print(`wasm_${name}_brotli_kib`, "wasm", [manifest.wasm, ...pieces]);
