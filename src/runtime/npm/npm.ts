import { posix } from "node:path";
import { NpmError } from "../../errors/npm-error.js";
import type { FileSystem } from "../file-system.js";
import { isRecord } from "../options/checks.js";
import { checkInstall, type InstallOptions } from "../options/npm-install.js";
import type { ExecResult } from "../result.js";
import { CONTENT, type ContentCache, LARGEST } from "./content-cache.js";
import { NPM } from "./npm-files.js";

const COMMAND = `${NPM}/bin/npm-cli.js`;

/** Something that npm has fetched, or found in its cache. */
export interface NpmProgress {
  /** How many it has been so far. */
  fetched: number;
  /** What it was: a package's description, or a package. */
  url: string;
}

/** What an install has changed. */
export interface NpmInstallResult {
  /** How many packages came, became others, went. */
  added: number;
  changed: number;
  removed: number;
  /** Warnings. */
  stderr: string;
}

/** npm in the guest, by the host's word. */
export interface Npm {
  /**
   * Installs packages, as `npm install` with these names does in the guest: by npm itself, with install scripts that
   * run as guest programs. Without names it installs what `package.json` asks for. `permissions.network` have to
   * allow the registry: see `registryOnly()`.
   *
   * @throws NpmError when npm fails, with its own message: a package that there isn't, no room on the disk, …
   * @throws InvalidOptionError for an argument that can't be used, before anything starts.
   * @throws All that `exec()` throws.
   */
  install(packages?: readonly string[], options?: InstallOptions): Promise<NpmInstallResult>;
}

/** Runs a program of the guest's, whose options are checked there. */
type RunCommand = (command: string, args: readonly string[], options: object) => Promise<ExecResult>;

/** What npm says of a request, or of what it had of it already. */
const FETCHED = /^npm http (?:fetch GET \d+|cache) (?<url>\S+)/;
/** npm's own words about its progress. */
const PROGRESS = /^npm http .*\n?/gm;

/** The npm of one runtime. */
export class GuestNpm implements Npm {
  readonly #run: RunCommand;
  readonly #files: FileSystem;
  readonly #cache: ContentCache | undefined;

  constructor(run: RunCommand, files: FileSystem, cache: ContentCache | undefined) {
    this.#run = run;
    this.#files = files;
    this.#cache = cache;
  }

  async install(packages?: readonly string[], options?: InstallOptions): Promise<NpmInstallResult> {
    const { words, onProgress, rest } = checkInstall(packages, options);
    const args = ["install", "--json", "--loglevel=http", ...words];
    const onStderr = onProgress && watchFor(onProgress);
    const { stdout, stderr, exitCode } = await this.#run(COMMAND, args, { ...rest, onStderr });
    const said = stderr.replace(PROGRESS, "");
    const answer = readAnswer(stdout);
    if (exitCode !== 0 || answer === null) throw failureOf(answer, exitCode, said);
    if (this.#cache !== undefined) await this.#keep(this.#cache);
    const { added, changed, removed } = answer;
    return { added: numberOf(added), changed: numberOf(changed), removed: numberOf(removed), stderr: said };
  }

  /** Takes over what the guest has fetched. What it says of that is checked as what anybody says. */
  async #keep(cache: ContentCache): Promise<void> {
    const { stdout } = await this.#run("/bin/find", [CONTENT, "-type", "f"], { cwd: "/" });
    const places = stdout.split("\n").map((path) => path.slice(CONTENT.length + 1));
    // One after the other: each is in memory, and how large they are is the guest's word.
    for (const place of places)
      if (await this.#wants(cache, place)) await cache.keep(place, await this.#read(place));
  }

  async #wants(cache: ContentCache, place: string): Promise<boolean> {
    return (await cache.wants(place)) && (await this.#files.stat(posix.join(CONTENT, place))).size <= LARGEST;
  }

  async #read(place: string): Promise<Uint8Array> {
    return (await this.#files.readFile(posix.join(CONTENT, place), undefined)) as Uint8Array;
  }
}

/** Takes npm's standard error as it comes, and tells what has been fetched. */
function watchFor(onProgress: (progress: NpmProgress) => void): (text: string) => void {
  let line = "";
  let fetched = 0;
  return (text) => {
    const lines = (line + text).split("\n");
    line = lines.pop() as string;
    for (const each of lines) {
      const url = FETCHED.exec(each)?.groups?.["url"];
      if (url !== undefined) onProgress({ fetched: ++fetched, url });
    }
  };
}

/** What npm printed, which is a guest's word. */
function readAnswer(stdout: string): Record<string, unknown> | null {
  try {
    const answer: unknown = JSON.parse(stdout);
    return isRecord(answer) ? answer : null;
  } catch {
    return null;
  }
}

function failureOf(answer: Record<string, unknown> | null, exitCode: number, stderr: string): NpmError {
  const error = answer?.["error"];
  const { code, summary } = isRecord(error) ? error : {};
  const last = stderr.trimEnd().split("\n").at(-1) ?? "";
  return new NpmError(typeof summary === "string" && summary !== "" ? summary : last, {
    npmCode: typeof code === "string" ? code : null,
    exitCode,
    stderr,
  });
}

function numberOf(value: unknown): number {
  return Number.isSafeInteger(value) ? (value as number) : 0;
}
