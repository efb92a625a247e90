import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { plainNode } from "../bench/plain-node.ts";
import type { Run } from "./outcome.ts";
import type { Runner } from "./runner.ts";
import type { Suite } from "./suite.ts";
import type { TestCase } from "./test-case.ts";

/** What is kept of each stream of a test. */
const MAX_OUTPUT = 4 * 1024 * 1024;

/** How long a test's children may hold its streams open after its end, in milliseconds. */
const GRACE = 1500;

/** Runs tests on the pinned Node as an ordinary program. */
export class PlainRunner implements Runner {
  readonly #suite: Suite;
  readonly #scratch = mkdtempSync(join(tmpdir(), "secure-exec-plain-"));
  #runs = 0;

  constructor(suite: Suite) {
    this.#suite = suite;
  }

  async run(test: TestCase, timeout: number): Promise<Run> {
    const scratch = join(this.#scratch, String(++this.#runs));
    mkdirSync(scratch);
    try {
      return await this.#spawn(test, timeout, scratch);
    } finally {
      rmSync(scratch, { recursive: true, force: true, maxRetries: 2 });
    }
  }

  async dispose(): Promise<void> {
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  #spawn({ path, flags, env }: TestCase, timeout: number, scratch: string): Promise<Run> {
    const { directory } = this.#suite;
    const begun = performance.now();
    const child = spawn(plainNode, [...flags, join(directory, path)], {
      cwd: dirname(directory),
      env: {
        PATH: process.env.PATH,
        HOME: scratch,
        TMPDIR: scratch,
        LANG: "C.UTF-8",
        NODE_TEST_DIR: scratch,
        TEST_THREAD_ID: "0",
        ...env,
      },
      // A group of its own, so that what a test leaves behind ends with it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new Promise((resolve) => {
      const output = { stdout: "", stderr: "" };
      let timedOut = false;
      let grace: NodeJS.Timeout | undefined;
      const end = (): void => {
        try {
          if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        } catch {
          // Nothing of it is left.
        }
      };
      const timer = setTimeout(() => {
        timedOut = true;
        end();
      }, timeout);
      const finish = (exitCode: number | null, signal: string | null, error?: Error): void => {
        clearTimeout(timer);
        clearTimeout(grace);
        end();
        child.stdout.destroy();
        child.stderr.destroy();
        const run = { exitCode, signal, timedOut, ...output, milliseconds: performance.now() - begun };
        resolve(error === undefined ? run : { ...run, error: String(error) });
      };
      for (const name of ["stdout", "stderr"] as const) {
        child[name].setEncoding("utf8").on("data", (text: string) => {
          if (output[name].length < MAX_OUTPUT) output[name] += text;
        });
      }
      child.on("error", (error) => finish(null, null, error));
      child.on("exit", (code, signal) => {
        grace = setTimeout(finish, GRACE, code, signal);
      });
      child.on("close", (code, signal) => finish(code, signal));
    });
  }
}
