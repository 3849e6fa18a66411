// Builds what the browser gets, into dist/: WebAssembly, its JavaScript, the style sheet, public files; each also
// compressed, under names that change with their content, with a manifest of the names. Each step is skipped when its
// inputs have not changed.
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import zlib from "node:zlib";

const CACHE = process.env.MESSAGE_CENTER_CACHE;
const TARGET = path.join(CACHE, "wasm");
const WORK = path.join(CACHE, "frontend");
const DIST = "dist";
const PROFILE = "wasm-release";
/** Fetches the bundles; wasm-split-cli writes it. */
const LOADER = "__wasm_split.js";
const COMPRESSIBLE = new Set([".wasm", ".js", ".css", ".svg", ".txt", ".json", ".webmanifest"]);

const say = (text) => console.error(`\x1b[1m▸ ${text}\x1b[0m`);
const tool = (name) => path.resolve("style/node_modules/.bin", name);
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;

/** All files under the paths, sorted; a path may be a file. */
function files(...paths) {
  return paths.flatMap((at) => {
    if (!fs.existsSync(at)) return [];
    if (fs.statSync(at).isFile()) return [at];
    return fs
      .readdirSync(at, { withFileTypes: true })
      .filter((entry) => entry.name !== "node_modules")
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => files(path.join(at, entry.name)));
  });
}

function hashOf(paths, ...extra) {
  const hash = createHash("sha256");
  for (const file of paths) hash.update(`${file}\0`).update(fs.readFileSync(file)).update("\0");
  for (const text of extra) hash.update(`${text}\0`);
  return hash.digest("hex");
}

/** Runs `work` unless the stamp of its output says that it was made of the same inputs. */
async function step(name, inputs, output, work) {
  const stamp = path.join(WORK, `${hashOf([], path.resolve(output)).slice(0, 16)}.stamp`);
  if (fs.existsSync(output) && fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === inputs) return;
  fs.rmSync(stamp, { force: true });
  const start = Date.now();
  await work();
  fs.writeFileSync(stamp, inputs);
  say(`${name}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

function fail(command, error) {
  console.error(`frontend: ${command} failed${error ? `: ${error.message}` : ""}`);
  process.exit(1);
}

/** Runs a command, whose output says what is wrong if it fails. */
function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...env } });
  if (status !== 0) fail(command, error);
}

/** Runs a command for each of the lists of arguments, one on each core, and says of those that fail what they say. */
async function runEach(command, lists) {
  const waiting = [...lists];
  const core = async () => {
    for (let args = waiting.shift(); args; args = waiting.shift()) {
      await promisify(execFile)(command, args).catch((error) => fail(command, error));
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, core));
}

const debian = process.env.MC_WASM_TOOLCHAIN === "debian";

async function buildWasm() {
  const bindings = path.join(WORK, "bindings");
  const sources = files("app", "frontend", "crates/domain", ".cargo/config.toml", "Cargo.toml", "Cargo.lock", "scripts/frontend.mjs");
  await step("WebAssembly", hashOf(sources, process.env.MC_WASM_TOOLCHAIN ?? ""), bindings, async () => {
    say("Compiling the browser half to WebAssembly (minutes the first time, with the standard library)");
    const args = ["build", "--locked", "-p", "frontend", "--target", "wasm32-unknown-unknown", "--profile", PROFILE, "--target-dir", TARGET];
    if (debian) {
      run("cargo", [...args, "-Z", "build-std=std,panic_abort"], { RUSTC: "/usr/bin/rustc", RUSTC_BOOTSTRAP: "1" });
    } else {
      run("cargo", args);
    }
    fs.rmSync(bindings, { recursive: true, force: true });
    const compiled = path.join(TARGET, "wasm32-unknown-unknown", PROFILE, "frontend.wasm");
    const cut = path.join(WORK, "bundles");
    fs.rmSync(cut, { recursive: true, force: true });
    run("wasm-split-cli", ["--target", "web", "--out-name", "frontend", compiled, cut]);
    // The bundles link to the first piece by the names that the linker gave.
    run("wasm-bindgen", [
      "--target", "web", "--no-typescript", "--keep-lld-exports", "--no-demangle",
      "--out-dir", bindings, path.join(cut, "frontend.wasm"),
    ]);
    for (const name of fs.readdirSync(cut)) {
      if (name !== "frontend.wasm") fs.copyFileSync(path.join(cut, name), path.join(bindings, name));
    }
    // The largest first: the cores end at the same time.
    const size = (name) => fs.statSync(name).size;
    const pieces = files(bindings).filter((name) => name.endsWith(".wasm")).sort((a, b) => size(b) - size(a));
    const weight = () => pieces.reduce((sum, name) => sum + size(name), 0);
    const before = weight();
    const features = [
      "--enable-bulk-memory", "--enable-bulk-memory-opt", "--enable-nontrapping-float-to-int", "--enable-reference-types",
      "--enable-multivalue", "--enable-mutable-globals", "--enable-sign-ext", "--enable-call-indirect-overlong",
    ];
    // It warns of each name section that the cutting left: it is heard only if it fails.
    await runEach(tool("wasm-opt"), pieces.map((wasm) => ["-Oz", ...features, wasm, "-o", wasm]));
    say(`wasm-opt: ${kib(before)} to ${kib(weight())} in ${pieces.length} pieces`);
  });
  return bindings;
}

async function buildStyle() {
  const css = path.join(WORK, "app.css");
  const inputs = hashOf(files("app/src", "style/main.css", "style/themes.css", "style/package-lock.json"));
  await step("Style sheet", inputs, css, () => run(tool("tailwindcss"), ["--input", "style/main.css", "--output", css, "--minify"]));
  return css;
}

/** What is fetched for each bundle, as the loader that wasm-split-cli wrote has it: {bundle: [file, …]}. */
function bundlesOf(loader) {
  const text = fs.readFileSync(loader, "utf8");
  const file = String.raw`\(\) => \{\s*const src = fetch\(new URL\("\./([^"]+)"[^}]*?\{\}\);[^}]*\}\s*`;
  const shared = new Map();
  for (const [, name, at] of text.matchAll(new RegExp(`const (__chunk_\\d+) = makeLoad\\(${file}, \\[\\]\\);`, "g"))) shared.set(name, at);
  const bundles = {};
  for (const [, name, at, needs] of text.matchAll(new RegExp(`__wasm_split_load_(\\w+) = wrapAsyncCb\\(makeLoad\\(${file}, \\[([^\\]]*)\\]`, "g"))) {
    const others = needs.split(",").map((it) => it.trim()).filter(Boolean);
    bundles[name] = [at, ...others.map((it) => shared.get(it))];
  }
  const known = Object.values(bundles).flat();
  if (known.length === 0 || known.includes(undefined) || text.match(/__wasm_split_load_/g).length !== Object.keys(bundles).length) {
    console.error("frontend: the loader of wasm-split-cli is not as it is read here");
    process.exit(1);
  }
  return bundles;
}

/** Copies a file into dist/ and puts .br and .gz beside it when they are smaller. */
function put(from, to) {
  const content = fs.readFileSync(from);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.writeFileSync(to, content);
  if (!COMPRESSIBLE.has(path.extname(to))) return;
  const brotli = zlib.brotliCompressSync(content, {
    params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_LGWIN]: 22, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  const gzip = zlib.gzipSync(content, { level: 9 });
  if (brotli.length < content.length) fs.writeFileSync(`${to}.br`, brotli);
  if (gzip.length < content.length) fs.writeFileSync(`${to}.gz`, gzip);
}

async function pack(bindings, css) {
  const scripts = files(bindings);
  const inputs = hashOf([...scripts, css, ...files("public")], "layout 2");
  await step("Packing and compressing", inputs, DIST, () => {
    fs.mkdirSync(DIST, { recursive: true });
    for (const name of fs.readdirSync(DIST)) fs.rmSync(path.join(DIST, name), { recursive: true });
    const short = (paths) => hashOf(paths).slice(0, 16);
    // The JavaScript finds its own snippets by relative paths, so the folder carries the hash and not the file.
    const code = `pkg/${short(scripts)}`;
    for (const file of scripts) put(file, path.join(DIST, code, path.relative(bindings, file)));
    const style = `pkg/${short([css])}/app.css`;
    put(css, path.join(DIST, style));
    for (const file of files("public")) put(file, path.join(DIST, path.relative("public", file)));
    const bundles = Object.fromEntries(
      Object.entries(bundlesOf(path.join(bindings, LOADER))).map(([name, pieces]) => [
        name,
        pieces.map((piece) => `/${code}/${piece}`),
      ]),
    );
    const manifest = { js: `/${code}/frontend.js`, loader: `/${code}/${LOADER}`, wasm: `/${code}/frontend_bg.wasm`, css: `/${style}`, bundles };
    fs.writeFileSync(path.join(DIST, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    const told = { js: [manifest.js, manifest.loader], wasm: [manifest.wasm], css: [manifest.css], ...bundles };
    for (const [kind, names] of Object.entries(told)) {
      const size = (ending) => kib(names.reduce((sum, name) => sum + fs.statSync(path.join(DIST, name + ending)).size, 0));
      console.error(`    ${kind.padEnd(12)} ${size("")}, ${size(".br")} brotli in ${names.length}`);
    }
  });
}

fs.mkdirSync(WORK, { recursive: true });
await pack(await buildWasm(), await buildStyle());
