import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { acquireMachine } from "../dist/machine/index.js";
import { Runtime } from "../dist/runtime/runtime.js";
import type { Run } from "./outcome.ts";
import type { Runner } from "./runner.ts";
import type { Suite } from "./suite.ts";
import type { TestCase } from "./test-case.ts";

/** Where the suite lies on the disk; tests look for their files relative to the directory above. */
const ROOT = "/node";
const TREE = `${ROOT}/test`;

/** Files that are sent at a time. */
const AT_A_TIME = 32;

const MiB = 1024 * 1024;
const limits = {
  diskBytes: 1024 * MiB,
  inodes: 128 * 1024,
  memoryBytes: 1024 * MiB,
  machineMemoryBytes: 2048 * MiB,
};

/** Runs tests in guest processes of one runtime, whose disk holds the suite. */
export class GuestRunner implements Runner {
  readonly #suite: Suite;
  #runtime: Runtime | null = null;
  #runs = 0;

  constructor(suite: Suite) {
    this.#suite = suite;
  }

  async run(test: TestCase, timeout: number): Promise<Run> {
    const begun = performance.now();
    const nothing = { exitCode: null, signal: null, timedOut: false, stdout: "", stderr: "" };
    try {
      const run = await this.#run(test, timeout);
      return { ...run, milliseconds: performance.now() - begun };
    } catch (error) {
      const milliseconds = performance.now() - begun;
      return { ...nothing, error: error instanceof Error ? `${error.stack}` : String(error), milliseconds };
    }
  }

  async dispose(): Promise<void> {
    await this.#runtime?.dispose();
  }

  async #run({ path, flags, env }: TestCase, timeout: number): Promise<Omit<Run, "milliseconds">> {
    this.#runtime ??= await this.#start();
    const { files } = this.#runtime;
    const scratch = `/tmp/test-${++this.#runs}`;
    await files.mkdir(scratch, {});
    try {
      const { exitCode, signal, termination, stdout, stderr } = await this.#runtime.node(
        [...flags, `${TREE}/${path}`],
        {
          cwd: ROOT,
          timeout,
          env: { HOME: scratch, TMPDIR: scratch, NODE_TEST_DIR: scratch, TEST_THREAD_ID: "0", ...env },
        },
      );
      const timedOut = termination?.reason === "timeout";
      const run = { exitCode, signal: signal ?? null, timedOut, stdout, stderr };
      const reason = termination?.reason;
      return reason === undefined || timedOut ? run : { ...run, error: `ended by the machine: ${reason}` };
    } finally {
      await this.#tidy(scratch);
    }
  }

  /** A disk that can't be tidied is given up: the next test gets another one. */
  async #tidy(scratch: string): Promise<void> {
    try {
      await this.#runtime?.files.rm(scratch, { recursive: true, force: true });
    } catch {
      await this.#runtime?.dispose();
      this.#runtime = null;
    }
  }

  async #start(): Promise<Runtime> {
    const runtime = await Runtime.start({ limits }, acquireMachine);
    await this.#copy(runtime);
    return runtime;
  }

  /** Copies the suite to where no test can change it for those after it. */
  async #copy({ files }: Runtime): Promise<void> {
    const { directory } = this.#suite;
    const paths = readdirSync(directory, { recursive: true, withFileTypes: true });
    const directories = paths.filter((entry) => entry.isDirectory()).map((entry) => target(directory, entry));
    await files.mkdir(TREE, { recursive: true });
    for (const path of directories) await files.mkdir(path, { recursive: true });
    const copy = async (entry: (typeof paths)[number]): Promise<void> => {
      const from = join(entry.parentPath, entry.name);
      const to = target(directory, entry);
      await files.writeFile(to, readFileSync(from), { mode: statSync(from).mode & 0o777 });
      await files.seal(to);
    };
    const regular = paths.filter((entry) => entry.isFile());
    for (let at = 0; at < regular.length; at += AT_A_TIME) {
      await Promise.all(regular.slice(at, at + AT_A_TIME).map(copy));
    }
    for (const path of [ROOT, TREE, ...directories]) await files.seal(path);
  }
}

function target(directory: string, { parentPath, name }: { parentPath: string; name: string }): string {
  return `${TREE}${join(parentPath, name).slice(directory.length)}`;
}
