/** A machine with hostile native code in it: argv is the library, the first attack, where from, and a victim. */
import { dlopen } from "node:ffi";
import { lockMachine } from "../../../src/jail/lock.js";
import { createDiskMemory } from "../../../src/jail/memory.js";

const [library = "", first = "0", from = "main", victim = "0"] = process.argv.slice(2);
const word = "int64";
const { functions } = dlopen(library, {
  prepare: { arguments: [word, word, word], return: word },
  attack: { arguments: [word, word], return: word },
});

process.chdir("/");
const disk = createDiskMemory(1 << 20);
const count = functions.prepare(BigInt(victim), BigInt(process.ppid), BigInt(disk?.fd ?? -1));
lockMachine();
for (let index = BigInt(first); index < count; index += 1n) {
  functions.attack(index, from === "thread" ? 1n : 0n);
}
