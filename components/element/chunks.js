// Loads what the compiled module was split into. The build puts the names in capitals in.
import { initSync } from './whole.js';
const FILES = __FILES__; // [[file, integrity]]

const base = /^[^?#]*\//.exec(import.meta.url)[0];
const compiled = { __proto__: null };
const loaded = { __proto__: null };

// What failed may lie broken in the browser's cache, and what hangs is given up. Not streamed: any server's media type will do.
const compile = (at) => (compiled[at] ??= (async () => {
  const signal = AbortSignal.timeout(60000);
  const response = await fetch(base + FILES[at][0], { integrity: FILES[at][1], cache: at in loaded ? 'reload' : 'default', signal });
  return WebAssembly.compile(await response.arrayBuffer());
})());

// The main module's memory, table and stack, which a chunk works on.
const instantiate = async (at) => WebAssembly.instantiate(await compile(at), { main: initSync() });

// A failed load leaves its name only, so that the next call tries again.
const load = (at) => (loaded[at] ??= instantiate(at).catch((cause) => {
  compiled[at] = loaded[at] = null;
  throw cause;
}));
const nothing = () => {};

// What the compiled code calls: `tell` is a place in its table, `data` belongs to it. Like the shell it relies on little
// that a page can change.
const chunk = (files) => async (tell, data) => {
  let isLoaded = true;
  try {
    // All are under way before the first is waited for.
    for (let at = 0; at < files.length; at++) load(files[at]).catch(nothing);
    for (let at = 0; at < files.length; at++) await load(files[at]);
  } catch (cause) {
    console.warn(String(cause));
    isLoaded = false;
  }
  initSync().__indirect_function_table.get(tell)(data, isLoaded);
};

export const loaders = __LOADERS__; // { __wasm_split_load_name: chunk([place in FILES, …]) }

// What an element of that name needs before it can be used is under way while the main module still is.
export const early = (tag) => {
  const files = /survey$/.test(tag) ? __BEFORE__ : [];
  for (let at = 0; at < files.length; at++) compile(files[at]).catch(nothing);
};
