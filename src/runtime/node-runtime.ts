import type { Duplex } from "node:stream";
import { acquireMachine, type Isolation } from "../machine/index.js";
import { GuestFiles } from "./guest-files.js";
import type { GuestProcess } from "./guest-process.js";
import type { Npm } from "./npm/npm.js";
import type { CallOptions, Command, ProgramOptions } from "./options/call-options.js";
import type { CreateOptions } from "./options/create-options.js";
import type { ResidentOptions } from "./options/resident-options.js";
import type { TerminalOptions } from "./options/terminal-options.js";
import { ResidentRunner } from "./resident/resident-runner.js";
import type { ExecResult, RunResult } from "./result.js";
import { Runtime } from "./runtime.js";
import type { ExposedPort, ExposeOptions } from "./servers/expose.js";
import type { FetchOptions, FetchResult } from "./servers/fetch.js";
import type { FetchHandler } from "./servers/fetch-handler.js";
import type { Listener, ListenerQuery, WaitOptions } from "./servers/listeners.js";
import type { DiffOptions, DiskDiff } from "./snapshot/diff.js";
import type { Snapshot } from "./snapshot/snapshot.js";
import type { Terminal } from "./terminal.js";

/**
 * A virtual machine that runs JavaScript which nobody trusts, on real Node.js.
 *
 * Each `exec()` and `run()` is a fresh guest process; the disk stays. Calls may overlap. What runs in one
 * runtime is one trust domain: give each tenant a runtime of its own.
 *
 * @example
 * ```ts
 * import { NodeRuntime } from "secure-exec";
 *
 * await using rt = await NodeRuntime.create();
 * const { stdout, value } = await rt.run<number>(`
 *   console.log("adding");
 *   __return(1 + 2);
 * `, { timeout: 5000 });
 * console.log(stdout.trim(), value); // adding 3
 * ```
 */
export class NodeRuntime extends GuestFiles implements AsyncDisposable {
  readonly #runtime: Runtime;

  private constructor(runtime: Runtime) {
    super(runtime.files, runtime.archives);
    this.#runtime = runtime;
  }

  /**
   * Boots a virtual machine. Guest code reaches it only after its jail has been verified.
   *
   * @throws InvalidOptionError for an option that can't be used, before anything starts.
   * @throws JailUnavailableError where guest code can't be jailed, with what is missing.
   * @throws NodeUnavailableError where the pinned Node is not installed or can't run, with what to install.
   * @throws MachineExitedError when the machine ended before it was ready.
   * @throws SnapshotError when `snapshot` can't be restored.
   * @throws PersistError when the file of `persist` can't be used.
   * @throws FileSystemError when `files` or `cwd` can't be put on the disk.
   */
  static async create(options?: CreateOptions): Promise<NodeRuntime> {
    return new NodeRuntime(await Runtime.start(options, acquireMachine));
  }

  /** What keeps guest code in the machine, and who has seen that it is in force. */
  get isolation(): Isolation {
    return this.#runtime.isolation;
  }

  /** npm in the guest, by your word: `rt.npm.install(["zod"])`. Programs have it as the command `npm`. */
  get npm(): Npm {
    return this.#runtime.npm;
  }

  /**
   * Runs code as a fresh guest process, as `node --input-type=module --eval` would: an ES module with
   * top-level await, whose imports resolve from `cwd`. Resolves when the process has ended and its output
   * is delivered.
   *
   * A program that fails is a result: its exit code is not 0, and its error is on `stderr`.
   *
   * @throws InvalidOptionError for an argument that can't be used, before anything starts.
   * @throws FileSystemError when `cwd` is not there, or no directory.
   * @throws MachineExitedError when the machine ended and this call was not the one to blame.
   * @throws ProtocolError when guest code took over its machine and made it send nonsense.
   * @throws DiskLostError when the machine ended and its disk with it.
   * @throws DisposedError when the runtime has been, or is meanwhile, disposed of.
   * @throws The reason of `signal`, when it is aborted.
   * @throws What `onStdout` or `onStderr` threw.
   */
  async exec(code: string, options?: CallOptions): Promise<ExecResult> {
    const { value: _, ...result } = await this.#runtime.call(code, options, false);
    return result;
  }

  /**
   * Like `exec()`, and hands back what the program passed to `globalThis.__return(value)`, through JSON:
   * at most 16 MiB, 250,000 values, 1,000 levels. Decoding holds up the event loop:
   * a third of a second or so for a value that is made to hurt.
   *
   * @throws ValueRefusedError for a value beyond these bounds.
   * @throws All that `exec()` throws.
   */
  async run<T = unknown>(code: string, options?: CallOptions): Promise<RunResult<T>> {
    return (await this.#runtime.call(code, options, true)) as RunResult<T>;
  }

  /**
   * Runs a program of the guest's to its end: a path, or a name that PATH leads to, such as `sh`, `node` or
   * `grep`. No shell reads its arguments. It is asked for by you, so that no `childProcess` rule judges it; what
   * it starts is judged.
   *
   * A command that is not there is a result as a shell gives it: exit code 127 and `ENOENT` on `stderr`; one that
   * can't be run, 126.
   *
   * @throws All that `exec()` throws.
   *
   * @example
   * ```ts
   * const { stdout } = await rt.command("sh", ["-c", "ls | wc -l"], { cwd: "/tmp" });
   * ```
   */
  async command(command: string, args?: readonly string[], options?: ProgramOptions): Promise<ExecResult> {
    const { value: _, ...result } = await this.#runtime.command(command, args, options);
    return result;
  }

  /**
   * Starts code, or a program of the guest's as `command()` finds it, and resolves as it runs. Its standard input
   * stays open, to be written and closed, unless `stdin` is given. It takes one of `limits.processes` until it
   * ends, and ends with the runtime.
   *
   * @throws All that `exec()` throws before a program runs.
   */
  spawn(code: string, options?: CallOptions): Promise<GuestProcess>;
  spawn(program: Command, options?: ProgramOptions): Promise<GuestProcess>;
  async spawn(program: string | Command, options?: CallOptions): Promise<GuestProcess> {
    return await this.#runtime.spawn(program, options);
  }

  /**
   * Makes a runner: one live guest process that evaluates many snippets, each in a fraction of a
   * millisecond. Several runners, and calls beside them, run at once; a runner holds one of
   * `limits.processes` from its first call to its `dispose()`.
   *
   * @throws InvalidOptionError for an option that can't be used.
   * @throws DisposedError when the runtime has been disposed of.
   */
  createResidentRunner(options?: ResidentOptions): ResidentRunner {
    return new ResidentRunner(this.#runtime.reside(options));
  }

  /**
   * Starts a command on a terminal, as a terminal window does: a shell, the REPL of `node`, or any program that
   * wants one. Resolves as it runs.
   *
   * @throws All that `exec()` throws before a program runs.
   *
   * @example
   * ```ts
   * await using terminal = await rt.openTerminal({ command: "sh", cols: 80, rows: 24 });
   * await terminal.write("echo hello\n");
   * for await (const text of terminal) screen.write(text);
   * ```
   */
  async openTerminal(options?: TerminalOptions): Promise<Terminal> {
    return await this.#runtime.openTerminal(options);
  }

  /**
   * Asks a server in the guest, over HTTP/1.1, and takes its whole answer; redirects are not followed. The
   * guest's permissions have no say in it.
   *
   * @throws InvalidOptionError for an argument that can't be used; Node's own errors for malformed headers.
   * @throws GuestServerError when there is no answer: `reason` is `refused`, `timeout`, `reset`, `malformed` or
   * `size`.
   * @throws The reason of `signal`, when it is aborted.
   * @throws MachineExitedError, ProtocolError, DiskLostError and DisposedError as `exec()` does.
   */
  async fetch(port: number, options?: FetchOptions): Promise<FetchResult> {
    return await this.#runtime.servers.fetch(port, options);
  }

  /**
   * A standard `fetch` that leads to a server in the guest, with bodies that stream both ways. The host of a URL
   * counts for nothing, and a path alone will do; redirects are not followed. Throws as `fetch()` does, its
   * timeout and its limits apart: give it a `signal`.
   */
  fetchHandler(port: number): FetchHandler {
    return this.#runtime.servers.fetchHandler(port);
  }

  /**
   * Opens a connection to a server in the guest: bytes both ways, for WebSockets and any other protocol. Who
   * doesn't read it stalls the server. Throws as `fetch()` does.
   */
  async connect(port: number): Promise<Duplex> {
    return await this.#runtime.servers.connect(port);
  }

  /** A server in the guest that listens: by port, address, process. Undefined where none does. */
  async findListener(query: number | ListenerQuery): Promise<Listener | undefined> {
    return await this.#runtime.servers.find(query);
  }

  /**
   * Waits until a server listens.
   *
   * @throws GuestServerError with the reason `timeout`, when none does in time.
   * @throws The reason of `signal`, when it is aborted.
   */
  async waitForListener(query: number | ListenerQuery, options?: WaitOptions): Promise<Listener> {
    return await this.#runtime.servers.wait(query, options);
  }

  /**
   * Opens a listener of the host that leads to a server in the guest, for previews: whoever reaches it reaches
   * the server. It stays until it is closed or the runtime disposed of. Rejects with Node's error when the host
   * has no such address or the port is taken.
   */
  async expose(port: number, options?: ExposeOptions): Promise<ExposedPort> {
    return await this.#runtime.servers.expose(port, options);
  }

  /**
   * The disk as it is now, with `cwd` and `env`. Whoever uses the disk waits while its memory is copied, which
   * takes some 40 ms for 100 MiB. Calls go on; processes, and what they have open, are no part of it.
   *
   * @throws SnapshotError where the system has no memfd.
   * @throws MachineExitedError, ProtocolError, DiskLostError and DisposedError as `exec()` does.
   *
   * @example
   * ```ts
   * const snapshot = await rt.snapshot();
   * await using other = await NodeRuntime.create({ snapshot });
   * ```
   */
  async snapshot(): Promise<Snapshot> {
    return await this.#runtime.images.snapshot();
  }

  /**
   * What has become of the disk since a snapshot: paths that were added, changed or removed, contents compared.
   * A machine of its own reads the snapshot meanwhile, so this takes as long as `create({ snapshot })` and
   * reading both disks. What lies in mounts is left out; times don't count, owners and permissions do. What
   * programs change meanwhile may be seen or not.
   *
   * @throws FileSystemError with the code `EFBIG` for a disk of more entries than can be compared.
   * @throws SnapshotError for a snapshot that can't be restored.
   * @throws The reason of `signal`.
   * @throws InvalidOptionError, MachineExitedError, ProtocolError, DiskLostError and DisposedError as `exec()` does.
   *
   * @example
   * ```ts
   * const before = await rt.snapshot();
   * await rt.exec(`require("node:fs").writeFileSync("report.md", "done")`);
   * const { added } = await rt.diff(before);
   * for (const entry of added) console.log(entry.path, Buffer.from(await entry.read()).toString());
   * ```
   */
  async diff(since: Snapshot, options?: DiffOptions): Promise<DiskDiff> {
    return await this.#runtime.diff(since, options, acquireMachine);
  }

  /**
   * Another runtime with the same options, on a copy of the disk as it is now: what `create({ snapshot })`
   * gives, sooner and without the snapshot. From then on they have nothing in common.
   *
   * @throws All that `snapshot()` and `create()` throw.
   */
  async fork(): Promise<NodeRuntime> {
    return new NodeRuntime(await this.#runtime.fork(acquireMachine));
  }

  /**
   * Resolves when all that is on the disk now is where it survives a power cut, as far as the host's file
   * system and hardware keep what they promise. Needs `persist`; without it there is nothing to do. What ends
   * the machine, the runtime or this process alone loses nothing without it.
   *
   * @throws FileSystemError with the host's `code` when the host's file system fails.
   * @throws DisposedError when the runtime has been disposed of.
   */
  async sync(): Promise<void> {
    await this.#runtime.sync();
  }

  /**
   * Ends the machine and lets go of the disk and all that is on it. Pending calls reject with
   * DisposedError. Resolves when the machine's process is gone. May be called again.
   */
  async dispose(): Promise<void> {
    await this.#runtime.dispose();
  }

  /** `dispose()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}
