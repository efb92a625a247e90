import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname } from "node:path";

const require = createRequire(import.meta.url);

/** The pinned Node, as an ordinary program: the oracle of what a guest should print. */
export const plainNode = `${dirname(require.resolve(`@secure-exec/node-linux-${process.arch}/package.json`))}/bin/node`;

/** How a program ended. */
export interface Ended {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** Runs an ES module as `node --input-type=module --eval` in `cwd`. */
export function runPlain(code: string, cwd: string, args: string[] = []): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, encoding: "utf8", maxBuffer: 64 << 20 } as const;
    execFile(
      plainNode,
      ["--input-type=module", "--eval", code, ...args],
      options,
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : Number(error.code);
        resolve({ stdout, stderr, exitCode });
      },
    );
  });
}
