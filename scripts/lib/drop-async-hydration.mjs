// Takes code out of the WebAssembly that is linked and never called, before wasm-opt.
//
// Leptos' AnyView keeps a table of functions for every type of view. One of them, `hydrate_async`, is called by
// `leptos::mount::hydrate_lazy` alone, which these pages do not use; but a function in a table cannot be seen to be
// dead. Its bodies and all that only they call are a third of the download (measured: 237 to 166 KiB brotli).
import binaryen from "../../style/node_modules/binaryen/index.js";

/** What rustc uses and every current browser knows; newer features would change the format of the file. */
const FEATURES = [
  "BulkMemory", "BulkMemoryOpt", "CallIndirectOverlong", "Multivalue", "MutableGlobals", "NontrappingFPToInt", "ReferenceTypes", "SignExt",
].reduce((all, name) => all | binaryen.Features[name], 0);

const DEAD = /hydrate_async/;
const CALLERS = /hydrate_lazy|hydrate_from_async/;

/** Replaces the bodies by a trap, so that wasm-opt drops what they called. Returns the module and their number. */
export function dropAsyncHydration(wasm) {
  const module = binaryen.readBinary(wasm);
  module.setFeatures(FEATURES);
  let count = 0;
  for (let index = 0; index < module.getNumFunctions(); index++) {
    const at = module.getFunctionByIndex(index);
    const { name } = binaryen.getFunctionInfo(at);
    if (CALLERS.test(name)) throw new Error(`lazy hydration is used after all (${name}): leave out this step`);
    if (!DEAD.test(name)) continue;
    binaryen.Function(at).body = module.unreachable();
    count += 1;
  }
  const binary = module.emitBinary();
  module.dispose();
  return { binary, count };
}
