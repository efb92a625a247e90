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

/** Runs the pinned Node, or a program that finds it as `node`, in `cwd` and with what a guest's environment holds. */
export function runPlain(args: string[], cwd: string, program = plainNode): Promise<Ended> {
  return new Promise((resolve) => {
    const PATH = `${dirname(plainNode)}:/usr/local/bin:/usr/bin:/bin`;
    const env = { HOME: cwd, LANG: "C.UTF-8", PATH, TZ: "UTC" };
    const options = { cwd, env, encoding: "utf8", maxBuffer: 64 << 20 } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : Number(error.code);
      resolve({ stdout, stderr, exitCode });
    });
    child.stdin?.end();
  });
}
