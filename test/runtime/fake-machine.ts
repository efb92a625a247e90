import { setImmediate } from "node:timers/promises";
import type {
  CallExit,
  CallHandlers,
  DiskHandle,
  FsResult,
  Isolation,
  MachineCall,
  MachineConfiguration,
  MachineExit,
  MachineExitReason,
  MachineOptions,
  MachineRunner,
  RunnerHandlers,
  RunnerRequest,
  StartRequest,
} from "../../src/machine/index.js";
import type { Launcher, MachineHandle } from "../../src/runtime/launcher.js";
import type { DiskCheck, FsOperation, TerminalSize, TerminationReason } from "../../src/wire/messages.js";

/** A guest process of a fake machine, from the inside. */
export class FakeGuest implements MachineCall {
  readonly id: number;
  readonly request: StartRequest;
  readonly handlers: CallHandlers;
  readonly kills: { signal: number; reason: TerminationReason }[] = [];
  /** Bytes that the host has not consumed. */
  held = { stdout: 0, stderr: 0 };
  stdin = "";
  stdinEnded = false;
  size: TerminalSize | null = null;
  over = false;
  onKill: (guest: FakeGuest) => void = (guest) => guest.exit({ exitCode: 137, signal: "SIGKILL" });

  constructor(id: number, request: StartRequest, handlers: CallHandlers) {
    this.id = id;
    this.request = request;
    this.handlers = handlers;
  }

  get code(): string {
    return Buffer.from(this.request.code).toString();
  }

  write(name: "stdout" | "stderr", data: string | Uint8Array): void {
    const bytes = Buffer.from(data as Uint8Array);
    this.held[name] += bytes.length;
    this.handlers[name](bytes, (consumed) => {
      this.held[name] -= consumed;
    });
  }

  exit(exit: Partial<CallExit> = {}): void {
    if (this.over) return;
    this.over = true;
    this.handlers.exit({
      exitCode: 0,
      signal: null,
      termination: null,
      value: null,
      valueTooLarge: false,
      ...exit,
    });
  }

  kill(signal: number, reason: TerminationReason): void {
    if (this.over) return;
    this.kills.push({ signal, reason });
    this.onKill(this);
  }

  async writeStdin(bytes: Uint8Array): Promise<boolean> {
    this.stdin += Buffer.from(bytes).toString();
    return true;
  }

  resize(size: TerminalSize): void {
    this.size = size;
  }

  endStdin(): void {
    this.stdinEnded = true;
  }
}

class FakeDisk implements DiskHandle {
  readonly fd = 77;
  readonly size = 4096;
  readonly offset = 0;
  closed = 0;

  use<T>(work: (fd: number) => Promise<T>): Promise<T> {
    return work(this.fd);
  }

  close(): void {
    this.closed++;
  }
}

/** What a fake guest process does. */
export type Program = (guest: FakeGuest, machine: FakeMachine) => void | Promise<void>;

export class FakeMachine implements MachineHandle {
  readonly isolation: Isolation = {
    level: "jailed",
    seccomp: true,
    landlock: 7,
    verified: "host",
    oomScoreAdj: 1000,
    uid: 0,
  };
  readonly options: MachineOptions;
  readonly disk: FakeDisk | null;
  readonly check: DiskCheck | null;
  readonly exited: Promise<MachineExit>;
  readonly guests: FakeGuest[] = [];
  readonly runners: { id: number; request: RunnerRequest; handlers: RunnerHandlers; closed: boolean }[] = [];
  readonly operations: { operation: FsOperation; data: Uint8Array | undefined }[] = [];
  configuration: MachineConfiguration | null = null;
  killed: MachineExitReason | null = null;
  /** How long a killed process takes to be gone. */
  deathTime = 0;
  answer: (operation: FsOperation) => FsResult = () => ({ value: null, data: null, entries: null });
  readonly #program: Program;
  #tellExit!: (exit: MachineExit) => void;
  #dead = false;

  constructor(options: MachineOptions, program: Program, disk: FakeDisk | null, check: DiskCheck | null) {
    this.options = options;
    this.disk = disk;
    this.check = check;
    this.#program = program;
    this.exited = new Promise((resolve) => {
      this.#tellExit = resolve;
    });
  }

  async configure(configuration: MachineConfiguration): Promise<void> {
    this.configuration = configuration;
  }

  start(request: StartRequest, handlers: CallHandlers): MachineCall {
    const guest = new FakeGuest(this.guests.length + 1, request, handlers);
    this.guests.push(guest);
    void setImmediate().then(() => {
      if (guest.over) return;
      handlers.started?.(guest.id + 100);
      return this.#program(guest, this);
    });
    return guest;
  }

  openRunner(request: RunnerRequest, handlers: RunnerHandlers): MachineRunner {
    const runner = { id: this.runners.length + 1, request, handlers, closed: false };
    this.runners.push(runner);
    let end = (): void => undefined;
    const closed = new Promise<void>((resolve) => {
      end = resolve;
    });
    const close = (): void => {
      runner.closed = true;
      end();
    };
    return { id: runner.id, close, closed };
  }

  async fs(operation: FsOperation, data?: Uint8Array): Promise<FsResult> {
    this.operations.push({ operation, data });
    return this.answer(operation);
  }

  async connect(): Promise<string> {
    return "ECONNREFUSED";
  }

  async listeners(): Promise<[]> {
    return [];
  }

  kill(reason: MachineExitReason): void {
    if (this.killed !== null) return;
    this.killed = reason;
    setTimeout(() => this.die({ reason, signal: "SIGKILL" }), this.deathTime);
  }

  /** Ends as a process does: everybody in it is told. */
  die(exit: Partial<MachineExit> = {}): void {
    if (this.#dead) return;
    this.#dead = true;
    const whole: MachineExit = {
      reason: "crashed",
      signal: null,
      exitCode: null,
      stderr: "",
      breach: null,
      ...exit,
    };
    for (const guest of this.guests) {
      if (guest.over) continue;
      guest.over = true;
      guest.handlers.lost(whole);
    }
    this.#tellExit(whole);
  }
}

/** Launches fake machines and keeps them for inspection. */
export class FakeLauncher {
  readonly machines: FakeMachine[] = [];
  /** One for all: it outlives them. */
  disk: FakeDisk | null = new FakeDisk();
  check: DiskCheck = { repaired: 0, problems: [], formatted: false };
  /** Errors of the next launches; undefined lets one through. */
  failures: (Error | undefined)[] = [];
  attempts = 0;
  prepare: (machine: FakeMachine) => void = () => {};
  readonly #program: Program;

  constructor(program: Program = (guest) => guest.exit()) {
    this.#program = program;
  }

  get last(): FakeMachine {
    return this.machines.at(-1) as FakeMachine;
  }

  readonly launch: Launcher = async (options) => {
    this.attempts++;
    await setImmediate();
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const revived = options.disk.fd !== undefined;
    const machine = new FakeMachine(
      options,
      this.#program,
      revived ? null : this.disk,
      revived ? this.check : null,
    );
    this.prepare(machine);
    this.machines.push(machine);
    return machine;
  };
}
