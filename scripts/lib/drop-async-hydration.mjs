// Takes code out of the WebAssembly that is linked and never called, before wasm-opt.
//
// Leptos' AnyView keeps a table of functions for every type of view. One of them, `hydrate_async`, is called by
// `leptos::mount::hydrate_lazy` alone, which these pages do not use; but a function in a table cannot be seen to be
// dead. Its state machines, and all that only they call, are a quarter of the download.
//
// The compiler merges equal functions under one of their names. So only the state machines themselves are taken, and of
// these only large ones: what is nested in them (`inner`), and what is small, may stand for something that is called.
import binaryen from "../../style/node_modules/binaryen/index.js";

/** What rustc uses and every current browser knows; newer features would change the format of the file. */
const FEATURES = [
  "BulkMemory", "BulkMemoryOpt", "CallIndirectOverlong", "Multivalue", "MutableGlobals", "NontrappingFPToInt", "ReferenceTypes", "SignExt",
].reduce((all, name) => all | binaryen.Features[name], 0);

const STATE_MACHINE = /::hydrate_async::\{\{closure\}\}::h[0-9a-f]{16}$/;
const CALLERS = /hydrate_lazy|hydrate_from_async/;
/** In characters of the text format: some 300 bytes of code. */
const LARGE = 4_000;

/** Replaces the bodies by a trap, so that wasm-opt drops what they called. Returns the module and their number. */
export function dropAsyncHydration(wasm) {
  const module = binaryen.readBinary(wasm);
  module.setFeatures(FEATURES);
  let count = 0;
  for (let index = 0; index < module.getNumFunctions(); index++) {
    const at = module.getFunctionByIndex(index);
    const { name, body } = binaryen.getFunctionInfo(at);
    if (CALLERS.test(name)) throw new Error(`lazy hydration is used after all (${name}): leave out this step`);
    if (!STATE_MACHINE.test(name) || binaryen.emitText(body).length < LARGE) continue;
    binaryen.Function(at).body = module.unreachable();
    count += 1;
  }
  const binary = module.emitBinary();
  module.dispose();
  return { binary, count };
}
