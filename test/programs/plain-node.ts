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

/** Runs the pinned Node in `cwd`, with what a guest's environment holds alone. */
export function runPlain(args: string[], cwd: string): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { HOME: cwd, LANG: "C.UTF-8", PATH: "/usr/local/bin:/usr/bin:/bin", TZ: "UTC" };
    const options = { cwd, env, encoding: "utf8", maxBuffer: 64 << 20 } as const;
    const child = execFile(plainNode, args, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : Number(error.code);
      resolve({ stdout, stderr, exitCode });
    });
    child.stdin?.end();
  });
}
