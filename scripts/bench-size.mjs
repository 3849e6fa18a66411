// Prints the compressed sizes of what the browser loads first, one JSON object a line; a ratio above 1 is within target.
import fs from "node:fs";

const TARGET_KIB = { wasm: 350, js: 40, css: 30 };
const manifest = JSON.parse(fs.readFileSync("dist/manifest.json", "utf8"));

for (const [kind, target] of Object.entries(TARGET_KIB)) {
  const kib = fs.statSync(`dist${manifest[kind]}.br`).size / 1024;
  console.log(
    JSON.stringify({
      bench: "size",
      metric: `${kind}_brotli_kib`,
      value: Number(kib.toFixed(1)),
      unit: "KiB",
      anchor: "target",
      anchor_value: target,
      ratio: Number((target / kib).toFixed(2)),
    }),
  );
}
