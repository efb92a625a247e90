import { DisposedError } from "../../errors/disposed-error.js";
import type { MachineRunner } from "../../machine/index.js";
import type { AbortListeners } from "../call/abort-listeners.js";
import { Call } from "../call/call.js";
import { CapturedOutput } from "../call/output.js";
import type { Turns } from "../call/turns.js";
import type { ResolvedLimits } from "../options/limits.js";
import type { ResolvedResident, ResolvedSnippet } from "../options/resident-options.js";
import { describeEnd, type ResidentResult } from "../result.js";
import type { LiveMachine, Revival } from "../revival.js";
import { LateOutput } from "./late-output.js";

/** What a residence has of its runtime. */
export interface ResidenceParts {
  revival: Revival;
  limits: ResolvedLimits;
  aborts: AbortListeners;
  turns: Turns;
  /** Has there be what its process starts with; rejects where it can't. */
  prepare(): Promise<void>;
  /** It has been disposed of. */
  onDispose(): void;
}

/** A runner of a machine, and the process in it that evaluated last. */
interface Home {
  live: LiveMachine;
  runner: MachineRunner;
  pid: number | null;
}

/** A snippet on its way. */
interface Visit {
  call: Call;
  output: CapturedOutput;
  entry: ResolvedSnippet["entry"];
  /** The process that the snippet before it was evaluated in. */
  before: number | null;
}

function pidOf({ place, pid }: Call): number | null {
  return place?.pid ?? pid;
}

/** What stands behind a ResidentRunner: a process at a time, and the snippets that wait for it. */
export class Residence {
  readonly #parts: ResidenceParts;
  readonly #options: ResolvedResident;
  readonly #late: LateOutput;
  readonly #waiting = new Set<Call>();
  /** The snippet that is evaluated. */
  #current: Visit | null = null;
  /** Settles when all calls so far are over. */
  #last: Promise<void> = Promise.resolve();
  #turn: Promise<void> | null = null;
  #home: Home | null = null;
  /** Resolves when the process that was left last is gone. */
  #left: Promise<unknown> = Promise.resolve();
  #failure: { error: unknown } | null = null;
  #disposal: Promise<void> | null = null;

  constructor(parts: ResidenceParts, options: ResolvedResident) {
    this.#parts = parts;
    this.#options = options;
    this.#late = new LateOutput(options.onLateOutput, (error) => {
      this.#failure = { error };
      this.#abandon();
    });
  }

  /** Evaluates a snippet when those before it are over. */
  async evaluate(request: ResolvedSnippet, wantsValue: boolean): Promise<ResidentResult<unknown>> {
    if (this.#disposal !== null) throw new DisposedError();
    const { limits, aborts } = this.#parts;
    const output = new CapturedOutput(request, limits.outputBytes);
    const call = new Call(request, limits, aborts, output, wantsValue);
    this.#waiting.add(call);
    const visit: Visit = { call, output, entry: request.entry, before: null };
    this.#last = this.#last.then(() => this.#carryOut(visit));
    const { value, ...ending } = await call.result;
    const fresh = pidOf(call) !== visit.before;
    return { ...output.result, ...describeEnd(ending), value, fresh, ended: call.place?.lives !== true };
  }

  /** Swaps the process for another: what is under way in it is ended. */
  async reset(): Promise<void> {
    if (this.#disposal !== null) throw new DisposedError();
    const current = this.#current;
    this.#abandon();
    await current?.call.ended;
  }

  /** Pending calls reject. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#end();
    return this.#disposal;
  }

  async #end(): Promise<void> {
    for (const call of this.#waiting) call.fail(new DisposedError());
    this.#abandon();
    await Promise.all([this.#last, this.#left]);
    if (this.#turn !== null) void this.#turn.then(() => this.#parts.turns.leave());
    this.#parts.onDispose();
  }

  /** Failures are the call's. */
  async #carryOut(visit: Visit): Promise<void> {
    const { call, output, entry } = visit;
    let home: Home | null = null;
    try {
      home = await this.#prepare(call);
      if (home !== null && !call.decided) {
        for (const { name, bytes } of this.#late.take()) output.push(name, bytes, () => undefined);
        this.#current = visit;
        visit.before = home.pid;
        // The process is counted with the call while there is one.
        home.live.running--;
        call.start(home.live, { ...entry, runner: home.runner.id });
      } else home = null;
    } catch (error) {
      call.fail(error);
    }
    await call.ended;
    this.#current = null;
    this.#waiting.delete(call);
    if (home !== null && home === this.#home) this.#remain(home, call);
  }

  /** A runner in a machine; null for a call that has been decided meanwhile. */
  async #prepare(call: Call): Promise<Home | null> {
    const { turns, revival, prepare } = this.#parts;
    if (call.decided) return null;
    if (this.#failure !== null) {
      const { error } = this.#failure;
      this.#failure = null;
      throw error;
    }
    // One of the processes that the runtime may have is its own for as long as it lives.
    this.#turn ??= turns.enter();
    await this.#turn;
    if (call.decided) return null;
    const live = await revival.machine();
    call.begin();
    if (this.#home === null || this.#home.live !== live) {
      await Promise.race([prepare(), call.ended]);
      await this.#left;
      const next = await revival.machine();
      if (!call.decided) this.#open(next);
    }
    return call.decided ? null : this.#home;
  }

  #open(live: LiveMachine): void {
    const { env, cwd, dialect } = this.#options;
    const memory = this.#parts.limits.memoryBytes;
    const take = (name: "stdout" | "stderr") => (bytes: Uint8Array, consumed: (bytes: number) => void) => {
      // What comes of a process that was left is nobody's.
      if (this.#home !== home) consumed(bytes.length);
      // It may have crossed the beginning of a snippet.
      else if (this.#current === null || this.#late.isHeard) this.#late.push(name, bytes, consumed);
      else if (this.#current.call.decided) consumed(bytes.length);
      else this.#current.output.push(name, bytes, consumed);
    };
    const handlers = { stdout: take("stdout"), stderr: take("stderr") };
    const home: Home = {
      live,
      runner: live.machine.openRunner({ env, cwd, memory, dialect }, handlers),
      pid: null,
    };
    this.#home = home;
    live.running++;
  }

  /** The call is over, and the runner is there for the next one, unless its machine is gone. */
  #remain(home: Home, call: Call): void {
    home.live.running++;
    home.pid = pidOf(call);
    if (call.place === null) this.#leave();
  }

  /** Ends the process, with what it has written late. */
  #abandon(): void {
    this.#leave();
    this.#late.clear();
  }

  /** Ends the process; the next call opens another. */
  #leave(): void {
    const home = this.#home;
    if (home === null) return;
    this.#home = null;
    // A call that is under way counts itself.
    if (this.#current === null) home.live.running--;
    home.runner.close();
    this.#left = Promise.race([home.runner.closed, home.live.machine.exited]);
  }
}
