// Runs in a worker of the pinned Node that is started as a guest's is: tells what natives there are.
"use strict";
process.emitWarning = () => {};
const { internalBinding } = require("internal/test/binding");
const { parentPort, workerData } = require("node:worker_threads");

const loadedAtStart = [...process.moduleLoadList];
const bindings = {};
for (const name of workerData) {
  if (name.startsWith("internal_only")) continue;
  try {
    const binding = internalBinding(name);
    const members = {};
    for (const key of Reflect.ownKeys(binding)) {
      const { value, get } = Object.getOwnPropertyDescriptor(binding, key);
      const type = get ? "accessor" : value === null ? "null" : typeof value;
      members[String(key)] = type;
    }
    bindings[name] = members;
  } catch {
    // Not the name of a binding.
  }
}
const { natives } = internalBinding("builtins");
parentPort.postMessage({ bindings, loadedAtStart, sources: { ...natives } });
