import { DisposedError } from "../errors/disposed-error.js";
import type { Isolation } from "../machine/index.js";
import type { CompiledPermissions } from "../policy/compiled.js";
import { findRulesWithoutEffect } from "../policy/without-effect.js";
import type { EntryDescription } from "../wire/messages.js";
import { Archives } from "./archives.js";
import { AbortListeners } from "./call/abort-listeners.js";
import { Call } from "./call/call.js";
import { LiveOutput } from "./call/live-output.js";
import { CapturedOutput } from "./call/output.js";
import { Turns } from "./call/turns.js";
import { FileSystem } from "./file-system.js";
import { GuestProcess } from "./guest-process.js";
import type { Launcher } from "./launcher.js";
import { GuestNpm } from "./npm/npm.js";
import {
  checkCall,
  checkCommand,
  checkNodeCall,
  checkSpawn,
  type ResolvedCall,
} from "./options/call-options.js";
import { checkCreateOptions, type ResolvedCreateOptions } from "./options/create-options.js";
import { checkResident, checkSnippet } from "./options/resident-options.js";
import { checkTerminal } from "./options/terminal-options.js";
import { Residence } from "./resident/residence.js";
import type { RunnerCore } from "./resident/resident-runner.js";
import { describeEnd, type RunResult } from "./result.js";
import { Revival } from "./revival.js";
import { Servers } from "./servers/servers.js";
import { checkDiff, compare, type DiskDiff, unlessAborted } from "./snapshot/diff.js";
import { DiskImages, restore } from "./snapshot/disk-images.js";
import { takeInventory } from "./snapshot/inventory.js";
import { Terminal } from "./terminal.js";
import { CompilerOnDisk } from "./typescript/compiler-on-disk.js";

/** Initial files that are sent at a time. */
const FILES_AT_A_TIME = 16;

/** Directory that every disk has. */
const HOME = "/home/user";

function needsCompiler(entry: EntryDescription): boolean {
  return entry.kind === "code" && typeof entry.dialect?.compiler === "string";
}

/** They are no error: what they say may be said by another rule already. */
function warnOfRules(permissions: CompiledPermissions): void {
  for (const sentence of findRulesWithoutEffect(permissions)) {
    process.emitWarning(`permissions.${sentence}`, {
      type: "SecureExecWarning",
      code: "SECURE_EXEC_RULE_WITHOUT_EFFECT",
    });
  }
}

/** What stands behind a NodeRuntime: one disk, one machine at a time, and the calls under way. */
export class Runtime {
  readonly files: FileSystem;
  readonly images: DiskImages;
  readonly archives: Archives;
  readonly servers: Servers;
  readonly npm: GuestNpm;
  readonly #options: ResolvedCreateOptions;
  readonly #revival: Revival;
  readonly #compiler: CompilerOnDisk;
  readonly #turns: Turns;
  readonly #aborts = new AbortListeners();
  readonly #calls = new Set<Call>();
  readonly #residences = new Set<Residence>();
  #disposal: Promise<void> | null = null;

  /** Boots a machine with the launcher and puts the initial files on its disk. */
  static async start(options: unknown, launch: Launcher): Promise<Runtime> {
    const checked = checkCreateOptions(options);
    warnOfRules(checked.permissions);
    const runtime = new Runtime(checked, launch);
    try {
      const { snapshot } = checked;
      await runtime.#revival.start(snapshot && ((machine) => restore(snapshot, machine)));
      await runtime.#prepareDisk();
    } catch (error) {
      await runtime.dispose();
      throw error;
    }
    return runtime;
  }

  /** Boots another machine on a copy of the disk. */
  async fork(launch: Launcher): Promise<Runtime> {
    const fork = new Runtime({ ...this.#options, files: [], persist: undefined }, launch);
    try {
      await fork.#revival.start((machine) => this.images.copyTo(machine));
    } catch (error) {
      await fork.dispose();
      throw error;
    }
    return fork;
  }

  /** What differs between a snapshot and the disk. */
  async diff(since: unknown, options: unknown, launch: Launcher): Promise<DiskDiff> {
    if (this.#disposal !== null) throw new DisposedError();
    const request = checkDiff(since, options);
    const leave = this.#options.mounts?.mounts.map(({ path }) => path) ?? [];
    const { jail, os } = this.#options;
    // A machine writes its name on its disk.
    const earlier = new Runtime({ ...checkCreateOptions({ snapshot: since, jail, npm: false }), os }, launch);
    try {
      const work = Promise.all([
        earlier.#revival
          .start((machine) => restore(request.content, machine))
          .then(() => takeInventory(earlier.files, leave, request.content.description)),
        takeInventory(this.files, leave, this.#options.limits),
      ]);
      const [before, now] = await unlessAborted(work, request.signal);
      return compare(before, now, (path) => this.files.readFile(path, undefined) as Promise<Uint8Array>);
    } finally {
      // Its machine is killed at once; nobody has to wait until it has ended.
      void earlier.dispose();
    }
  }

  /** Has the host's file system write a disk that is kept in a file. */
  async sync(): Promise<void> {
    if (this.#disposal !== null) throw new DisposedError();
    await this.#revival.sync();
  }

  constructor(options: ResolvedCreateOptions, launch: Launcher) {
    this.#options = options;
    this.#revival = new Revival(options, launch);
    this.images = new DiskImages(this.#revival, options);
    this.files = new FileSystem(this.#revival, options.limits.diskBytes);
    this.servers = new Servers(this.#revival, options.limits);
    this.#compiler = new CompilerOnDisk(this.files);
    this.archives = new Archives(this.files);
    this.npm = new GuestNpm((...call) => this.command(...call), this.files, options.npmCache);
    this.#turns = new Turns(options.limits.processes);
  }

  get isolation(): Isolation {
    return this.#revival.isolation;
  }

  /** Runs code as a fresh guest process. */
  async call(code: unknown, options: unknown, wantsValue: boolean): Promise<RunResult<unknown>> {
    return await this.#call(() => checkCall(code, options, this.#options), wantsValue);
  }

  /** Runs a command line of `node` as a fresh guest process: `args` are all that follow the name. */
  async node(args: unknown, options?: unknown): Promise<RunResult<unknown>> {
    return await this.#call(() => checkNodeCall(args, options, this.#options), false);
  }

  /** Runs a program of the guest's. */
  async command(command: unknown, args: unknown, options: unknown): Promise<RunResult<unknown>> {
    return await this.#call(() => checkCommand(command, args, options, this.#options), false);
  }

  /** Starts code or a command that its caller follows. */
  async spawn(program: unknown, options: unknown): Promise<GuestProcess> {
    if (this.#disposal !== null) throw new DisposedError();
    const request = checkSpawn(program, options, this.#options);
    const { limits } = this.#options;
    const output = new LiveOutput(request);
    const call = new Call(request, limits, this.#aborts, output);
    this.#begin(call, request);
    const pid = await call.began;
    return new GuestProcess(call, pid ?? undefined, output, request.keepsStdin, limits.stdinBytes);
  }

  /** Makes a runner, whose process starts with its first snippet. */
  reside(options: unknown): RunnerCore {
    if (this.#disposal !== null) throw new DisposedError();
    const checked = checkResident(options, this.#options);
    const parts = {
      revival: this.#revival,
      limits: this.#options.limits,
      aborts: this.#aborts,
      turns: this.#turns,
      prepare: async () => {
        if (typeof checked.dialect?.compiler === "string") await this.#compiler.provide();
        await this.#checkDirectory(checked.cwd);
      },
      onDispose: () => this.#residences.delete(residence),
    };
    const residence = new Residence(parts, checked);
    this.#residences.add(residence);
    return {
      evaluate: async (code, given, wantsValue) =>
        await residence.evaluate(checkSnippet(code, given, this.#options), wantsValue),
      reset: () => residence.reset(),
      dispose: () => residence.dispose(),
    };
  }

  /** The runtime's own working directory was there to begin with, and one look costs a round trip. */
  async #checkDirectory(cwd: string): Promise<void> {
    if (cwd !== this.#options.cwd) await this.files.checkDirectory(cwd);
  }

  /** Starts a command on a terminal. */
  async openTerminal(options: unknown): Promise<Terminal> {
    if (this.#disposal !== null) throw new DisposedError();
    const request = checkTerminal(options, this.#options);
    const { limits } = this.#options;
    const output = new LiveOutput(request);
    const call = new Call(request, limits, this.#aborts, output);
    this.#begin(call, request);
    const pid = await call.began;
    return new Terminal(call, pid ?? undefined, output.stdout, limits.stdinBytes);
  }

  async #call(check: () => ResolvedCall, wantsValue: boolean): Promise<RunResult<unknown>> {
    if (this.#disposal !== null) throw new DisposedError();
    const request = check();
    const { limits } = this.#options;
    const output = new CapturedOutput(request, limits.outputBytes);
    const call = new Call(request, limits, this.#aborts, output, wantsValue);
    this.#begin(call, request);
    const { value, ...ending } = await call.result;
    return { ...output.result, ...describeEnd(ending), value };
  }

  #begin(call: Call, request: ResolvedCall): void {
    this.#calls.add(call);
    void this.#carryOut(call, request);
  }

  /** Ends everything. Pending calls reject; resolves when the machine's process is gone. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#end();
    return this.#disposal;
  }

  /** From waiting for a turn to the end of the process. Failures are the call's. */
  async #carryOut(call: Call, { cwd, entry }: ResolvedCall): Promise<void> {
    await this.#turns.enter();
    try {
      // Waiting for a turn and for a machine is no time of the call's.
      if (!call.decided) await this.#revival.machine();
      if (!call.decided && needsCompiler(entry)) await Promise.race([this.#compiler.provide(), call.ended]);
      call.begin();
      // A call that is decided meanwhile gives its turn to the next one.
      if (!call.decided) await Promise.race([this.#checkDirectory(cwd), call.ended]);
      if (!call.decided) {
        const live = await this.#revival.machine();
        if (!call.decided) call.start(live);
      }
    } catch (error) {
      call.fail(error);
    }
    await call.ended;
    this.#calls.delete(call);
    this.#turns.leave();
  }

  async #end(): Promise<void> {
    for (const call of this.#calls) call.fail(new DisposedError());
    for (const residence of this.#residences) void residence.dispose();
    await Promise.all([this.#revival.dispose(), this.servers.dispose()]);
  }

  async #prepareDisk(): Promise<void> {
    const { cwd, files } = this.#options;
    if (cwd !== HOME) await this.files.mkdir(cwd, { recursive: true });
    for (let start = 0; start < files.length; start += FILES_AT_A_TIME) {
      const batch = files.slice(start, start + FILES_AT_A_TIME);
      await Promise.all(batch.map((file) => this.files.writeInitialFile(file)));
    }
  }
}
