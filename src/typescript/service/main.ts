/**
 * The compiler's process in a guest: an ordinary program, which reads jobs from its standard input and writes
 * what becomes of them to its standard output. The compiler comes with the first line, so that no file of the
 * disk and no rule about files has a part in it.
 */

import { createRequire } from "node:module";
import { Script } from "node:vm";
import type ts from "typescript";
import { type Job, LIBRARIES, type Outfit } from "../protocol.js";
import { Compiler } from "./compiler.js";

const name = `${LIBRARIES}/typescript.js`;

function load(text: string): typeof ts {
  const module = { exports: {} };
  const script = new Script(`(function (exports, require, module, __filename) {${text}\n})`, {
    filename: name,
  });
  script.runInThisContext()(module.exports, createRequire(name), module, name);
  return module.exports as typeof ts;
}

/** Lines end with a newline alone: JSON may have all other separators in it. */
async function* lines(input: AsyncIterable<string>): AsyncGenerator<string> {
  let pieces: string[] = [];
  for await (const text of input) {
    const parts = text.split("\n");
    for (const part of parts.slice(0, -1)) {
      yield [...pieces, part].join("");
      pieces = [];
    }
    pieces.push(parts.at(-1) as string);
  }
}

let compiler: Compiler | undefined;
for await (const line of lines(process.stdin.setEncoding("utf8"))) {
  if (compiler === undefined) {
    const { compiler: text, files } = JSON.parse(line) as Outfit;
    compiler = new Compiler(load(text), files);
  } else {
    process.stdout.write(`${JSON.stringify(compiler.do(JSON.parse(line) as Job))}\n`);
  }
}
