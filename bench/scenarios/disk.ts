import { mkdtempSync, rmSync } from "node:fs";
import { NodeRuntime } from "secure-exec";
import { runPlain } from "../plain-node.ts";
import type { Scenario } from "../scenario.ts";

/** More than the defaults allow. */
const limits = { diskBytes: 2 * 2 ** 30, inodes: 200_000 };

/**
 * All files of one directory are made, asked about, listed and removed; prints the microseconds for each.
 * The figures of different counts are alike, once V8 has made the code fast.
 */
const manyFiles = (count: number) => `
  import fs from "node:fs";
  function each(count) {
    fs.mkdirSync("many");
    for (let i = 0; i < count; i++) fs.writeFileSync("many/" + i, "");
    for (let i = 0; i < count; i++) fs.statSync("many/" + i);
    if (fs.readdirSync("many").length !== count) throw new Error("files are missing");
    for (let i = 0; i < count; i++) fs.unlinkSync("many/" + i);
    fs.rmdirSync("many");
  }
  for (let i = 0; i < 5; i++) each(2000);
  const began = performance.now();
  each(${count});
  console.log(((performance.now() - began) * 1000) / ${count});`;

const pieces = `
  import fs from "node:fs";
  const piece = Buffer.alloc(1 << 20, "x");
  const each = (flag, step) => {
    const file = fs.openSync("large", flag);
    for (let i = 0; i < 1024; i++) if (step(file, piece) !== piece.length) throw new Error("a short piece");
    fs.closeSync(file);
  };
  const began = performance.now();
  each("w", fs.writeSync);
  const written = performance.now();
  each("r", fs.readSync);
  const read = performance.now();`;

const streams = `
  import fs from "node:fs";
  import { pipeline } from "node:stream/promises";
  const piece = Buffer.alloc(1 << 20, "x");
  function* source() { for (let i = 0; i < 256; i++) yield piece; }
  const began = performance.now();
  await pipeline(source, fs.createWriteStream("large"));
  await pipeline(fs.createReadStream("large"), async (chunks) => {
    let length = 0;
    for await (const chunk of chunks) length += chunk.length;
    if (length !== 256 << 20) throw new Error("bytes are missing");
  });
  console.log(performance.now() - began);`;

const wholeFile = `
  import fs from "node:fs";
  const bytes = Buffer.alloc(64 << 20, "x");
  const began = performance.now();
  for (let i = 0; i < 4; i++) {
    fs.writeFileSync("large", bytes);
    if (fs.readFileSync("large").length !== bytes.length) throw new Error("bytes are missing");
  }
  console.log(performance.now() - began);`;

/** Each round has a disk whose memory nobody has touched, and plain Node files that don't exist yet. */
function onNewDisk(
  name: string,
  unit: string,
  code: string,
  bound: NonNullable<Scenario["bound"]>,
): Scenario {
  return {
    name,
    unit,
    rounds: 3,
    warmup: 1,
    bound,
    async ours() {
      await using runtime = await NodeRuntime.create({ limits });
      // The spares of machine and thread start meanwhile.
      await runtime.exec("setTimeout(() => {}, 500)");
      const { stdout, stderr, exitCode } = await runtime.exec(code);
      if (exitCode !== 0) throw new Error(stderr);
      return Number(stdout);
    },
    async plain() {
      const tmpfs = mkdtempSync("/dev/shm/secure-exec-bench-");
      try {
        return Number((await runPlain(code, tmpfs)).stdout);
      } finally {
        rmSync(tmpfs, { recursive: true });
      }
    },
  };
}

/** What takes a large disk: many files, and large ones. */
export function diskScenarios(): Scenario[] {
  const half = { ratioAtMost: 2 };
  return [
    ...[1000, 10_000, 100_000].map((count) =>
      onNewDisk(`each of ${count} files in one directory`, "µs", manyFiles(count), { ratioAtMost: 1 }),
    ),
    onNewDisk("1 GiB written and read in pieces", "ms", `${pieces} console.log(read - began);`, half),
    onNewDisk("1 GiB written in pieces", "ms", `${pieces} console.log(written - began);`, half),
    onNewDisk("1 GiB read in pieces", "ms", `${pieces} console.log(read - written);`, half),
    onNewDisk("4 times 64 MiB, written and read at once", "ms", wholeFile, half),
    onNewDisk("256 MiB through streams", "ms", streams, half),
  ];
}
