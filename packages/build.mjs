// Assembles the platform package of this computer: the pinned Node, and stage 0 where a C compiler is
// found. Fast and silent when nothing has changed. With `--pack <directory>` it also writes the package's
// tarball for publishing. Runs on Node 20.19 and newer.
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { compileStage0 } from "./compile-stage0.mjs";
import { pack } from "./pack.mjs";
import { nodeSource, place, platformPackage, stage0Source } from "./platform.mjs";

/** Answers whether there is something to pack. */
function build(target) {
  mkdirSync(target.bin, { recursive: true });
  if (!compileStage0(stage0Source, join(target.bin, "stage0"))) {
    console.log(
      "Stage 0 is not compiled, no C compiler can do it: its TypeScript form serves, 40 ms slower.",
    );
  }
  const source = nodeSource(target);
  if (source === null) {
    console.log(`No pinned Node: the optional dependency of ${target.manifest.name} is not installed.`);
    return false;
  }
  place(source.node, join(target.bin, "node"));
  return true;
}

const { values } = parseArgs({ options: { pack: { type: "string" } } });
const target = platformPackage();
if (target === null) {
  console.log(`No platform package: secure-exec has none for ${process.platform} on ${process.arch}.`);
} else if (build(target) && values.pack !== undefined) {
  console.log(pack(target, resolve(values.pack)));
}
