/** Starts programs through stage 0, in C and in TypeScript, as the host does. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { type Command, libraryPaths, stage0Command } from "../../src/jail/stage0/command.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const platform = join(root, `packages/node-linux-${process.arch}/bin`);
const NOBODY = 65534;

export const isRoot = process.getuid?.() === 0;
export const binary = join(platform, "stage0");
/** The forms of stage 0 that this computer can run. */
export const forms: readonly Form[] = existsSync(binary) ? ["c", "ts"] : ["ts"];
export type Form = "c" | "ts";

export interface Workshop {
  directory: string;
  /** The pinned Node, at a path that an ordinary user can reach. */
  node: string;
  binary: string;
  script: string;
  /** Bundles a program of ./machines. */
  bundle(name: string): Promise<string>;
  remove(): void;
}

/** A directory that every user can read, with Node, both stages 0 and what is bundled into it. */
export async function openWorkshop(): Promise<Workshop> {
  const directory = mkdtempSync(join(tmpdir(), "secure-exec-jail-"));
  chmodSync(directory, 0o755);
  writeFileSync(join(directory, "openssl.cnf"), "");
  const bundle = async (input: string, name: string): Promise<string> => {
    const file = join(directory, `${name}.cjs`);
    const build = await rolldown({ cwd: root, input, platform: "node", external: [/^node:/] });
    await build.write({ file, format: "cjs", codeSplitting: false });
    await build.close();
    return file;
  };
  const reachable = (name: string): string => {
    const file = join(platform, name);
    if (!isRoot || !existsSync(file)) return file;
    if (spawnSync(file, ["-v"], { uid: NOBODY, gid: NOBODY }).error === undefined) return file;
    const copy = join(directory, name);
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    return copy;
  };
  return {
    directory,
    node: reachable("node"),
    binary: reachable("stage0"),
    script: await bundle("src/jail/stage0/main.ts", "stage0"),
    bundle: (name) => bundle(`test/jail/machines/${name}.ts`, name),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export interface LaunchOptions {
  /** The program and its arguments. */
  program: readonly string[];
  nodeFlags?: readonly string[];
  user?: "self" | "nobody";
  landlock?: boolean;
  read?: readonly string[];
  /** A descriptor to pass as fd 4. */
  disk?: number;
  /** Changes the command line. */
  edit?(command: Command): Command;
}

export interface Launched {
  child: ChildProcess;
  wire: Duplex;
  /** What came over the wire, up to a line's end. */
  line: Promise<string>;
  ended: Promise<{ code: number | null; signal: string | null; stderr: string; wire: string }>;
}

export function launch(shop: Workshop, form: Form, options: LaunchOptions): Launched {
  const { program, nodeFlags = [], user = "self", landlock = true, read = [], disk, edit } = options;
  const asIs = stage0Command({
    stage0: form === "c" ? shop.binary : null,
    stage0Script: shop.script,
    node: shop.node,
    args: ["--no-warnings", ...nodeFlags, ...program],
    read: [...libraryPaths, shop.directory, ...read],
    landlock,
    keep: disk === undefined ? 4 : 5,
  });
  const { command, args } = edit === undefined ? asIs : edit(asIs);
  const child = spawn(command, args, {
    cwd: "/",
    env: environment(shop),
    stdio: ["ignore", "pipe", "pipe", "pipe", ...(disk === undefined ? [] : [disk])],
    ...(user === "nobody" ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  return observe(child);
}

/** Runs a command by a shell that first does something else, and then becomes it. */
export function runFirst(first: string): (command: Command) => Command {
  return ({ command, args }) => ({
    command: "sh",
    args: ["-c", `${first}; exec "$@"`, "sh", command, ...args],
  });
}

export function environment(shop: Workshop): Record<string, string> {
  return { TZ: "UTC", LANG: "C", OPENSSL_CONF: join(shop.directory, "openssl.cnf") };
}

export function observe(child: ChildProcess): Launched {
  const wire = child.stdio[3] as Duplex;
  let received = "";
  let stderr = "";
  child.stderr?.on("data", (bytes) => {
    stderr += bytes;
  });
  child.stdout?.resume();
  wire?.on("error", () => {});
  const line = new Promise<string>((resolve) => {
    wire?.on("data", (bytes) => {
      received += bytes;
      const end = received.indexOf("\n");
      if (end >= 0) resolve(received.slice(0, end));
    });
    child.on("close", () => resolve(received));
  });
  const ended = new Promise<Awaited<Launched["ended"]>>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stderr, wire: received }));
  });
  return { child, wire, line, ended };
}

/** Waits, no longer than two seconds, for a process to have ended; its parent may not have noticed. */
export async function isGone(pid: number): Promise<boolean> {
  for (let i = 0; i < 200; i += 1) {
    try {
      if (readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ")) return true;
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}
