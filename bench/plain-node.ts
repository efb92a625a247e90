import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname } from "node:path";

const require = createRequire(import.meta.url);
const platformPackage = require.resolve(`@secure-exec/node-linux-${process.arch}/package.json`);

/** The pinned Node, run as an ordinary program. */
export const plainNode = `${dirname(platformPackage)}/bin/node`;

/** What a program printed, and how long it took to its first output and to its end, in ms. */
export interface PlainRun {
  stdout: string;
  first: number;
  total: number;
}

/** Runs an ES module on plain Node, in `cwd`. */
export function runPlain(code: string, cwd = "/"): Promise<PlainRun> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(plainNode, ["--input-type=module", "--eval", code], {
      cwd,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    let first = Number.NaN;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (stdout === "") first = performance.now() - began;
      stdout += text;
    });
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0) resolve({ stdout, first, total: performance.now() - began });
      else reject(new Error(`plain Node ended with ${status}`));
    });
  });
}
