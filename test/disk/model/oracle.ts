import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { plainNode } from "../../programs/plain-node.js";
import { GIVEN, type Operation } from "./operations.js";

const superuser = process.getuid?.() === 0;
const shared = "/dev/shm";

/** Who the calls are made by: not the superuser, whom no permission binds. */
export const caller = {
  uid: superuser ? 1000 : (process.getuid?.() ?? 0),
  gid: superuser ? 1000 : (process.getgid?.() ?? 0),
};

/** How a place for histories is made, here and there. */
export interface Maker {
  mkdir(path: string, mode: number): void;
  writeFile(path: string, text: string, mode: number): void;
  chown(path: string, uid: number, gid: number): void;
}

/** Makes the place, and in it what its maker owns; nothing can be made or changed above it. */
export function makePlace(maker: Maker, base: string): void {
  const at = (name: string) => join(base, name);
  const { uid, gid } = caller;
  maker.mkdir(base, 0o755);
  maker.writeFile(at(GIVEN.file), "given", 0o644);
  maker.writeFile(at(GIVEN.group), "the group's", 0o660);
  maker.mkdir(at(GIVEN.folder), 0o755);
  maker.mkdir(at(GIVEN.shared), 0o1777);
  maker.mkdir(at(GIVEN.closed), 0o700);
  for (const folder of [GIVEN.folder, GIVEN.shared, GIVEN.closed])
    maker.writeFile(join(at(folder), GIVEN.inside), "inside", 0o666);
  if (!superuser) return;
  maker.chown(at(GIVEN.group), 0, gid);
  maker.chown(base, uid, gid);
}

const maker: Maker = {
  mkdir(path, mode) {
    fs.mkdirSync(path);
    fs.chmodSync(path, mode);
  },
  writeFile(path, text, mode) {
    fs.writeFileSync(path, text);
    fs.chmodSync(path, mode);
  },
  chown: fs.chownSync,
};

async function program(): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL("real.ts", import.meta.url)),
    platform: "node",
    logLevel: "silent",
  });
  const { output } = await build.generate({ format: "cjs" });
  await build.close();
  return output[0].code;
}

/** The real filesystem, in memory where there is such a one, asked by a process of another user. */
export class Oracle {
  /** Deep in a temporary folder, since histories go up. */
  readonly base: string;
  /** Whether its system protects hard links, as nearly all do, and the disk. */
  readonly protectsLinks: boolean;
  readonly #top: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(top: string, code: string) {
    this.#top = top;
    this.base = join(top, "x/x/x/x/x/x");
    this.protectsLinks = fs.readFileSync("/proc/sys/fs/protected_hardlinks", "utf8").trim() === "1";
    const options = superuser ? caller : {};
    this.#child = spawn(plainNode, ["--eval", code], {
      ...options,
      cwd: "/",
      stdio: ["pipe", "pipe", "inherit"],
    });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error("no output");
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  static async start(): Promise<Oracle> {
    const folder = fs.existsSync(shared) ? shared : fs.realpathSync(os.tmpdir());
    const top = fs.mkdtempSync(`${folder}/secure-exec-model-`);
    fs.chmodSync(top, 0o755);
    const oracle = new Oracle(top, await program());
    fs.mkdirSync(dirname(oracle.base), { recursive: true });
    return oracle;
  }

  async ask(history: readonly Operation[]): Promise<unknown[]> {
    makePlace(maker, this.base);
    this.#child.stdin?.write(`${JSON.stringify({ base: this.base, history })}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the oracle has ended");
    fs.rmSync(this.base, { recursive: true, force: true });
    return JSON.parse(value);
  }

  stop(): void {
    this.#child.stdin?.end();
    fs.rmSync(this.#top, { recursive: true, force: true });
  }
}
