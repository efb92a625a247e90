/**
 * How long after its timeout a process may live before the host steps in, in milliseconds. The kernel
 * ends it at its timeout and gives up on it 60 ms later; this is the host's own clock, in case the
 * kernel can't.
 */
const GRACE = 80;

/**
 * How long a killed process may live, in milliseconds: the kernel gives up on it after a second, since
 * taking down a large heap takes some time and nobody counts it.
 */
const KILL_GRACE = 1200;

/** How long a machine may take to start a process, in milliseconds, before the host steps in. */
const START_GRACE = 2000;

/** A timer that fires this late tells of a busy computer, where a kernel is late as well. */
const LATE = 20;

/** What the clock is for. */
export interface BackupActions {
  /** The process should be ending now. */
  due(): void;
  /** It has not ended: called at most once. */
  expired(): void;
}

/** The host's clock behind the kernel's. */
export class BackupTimer {
  readonly #actions: BackupActions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** By when a process that is started in time has to be done. */
  #latest = Number.POSITIVE_INFINITY;

  constructor(actions: BackupActions) {
    this.#actions = actions;
  }

  /** The process may be asked for within `timeout` milliseconds. */
  waiting(timeout: number): void {
    this.#set(timeout, () => this.#expire());
  }

  /** The process has been asked for, and may run for `timeout` milliseconds. */
  starting(timeout: number): void {
    this.#latest = performance.now() + timeout + START_GRACE;
    this.#set(timeout + START_GRACE, () => this.#timedOut());
  }

  /** The process runs from now on. */
  started(timeout: number): void {
    // A machine that says so late gains nothing by it.
    this.#set(Math.min(timeout, this.#latest - performance.now()), () => this.#timedOut());
  }

  /** The process has been killed. */
  killed(): void {
    this.#set(KILL_GRACE, () => this.#expire());
  }

  /** The process has ended. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #timedOut(): void {
    this.#actions.due();
    this.#set(GRACE, (late) => {
      if (late > LATE) this.#set(GRACE, () => this.#expire());
      else this.#expire();
    });
  }

  #set(delay: number, then: (late: number) => void): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const due = performance.now() + delay;
    this.#timer = setTimeout(() => then(performance.now() - due), delay);
  }

  #expire(): void {
    // What the machine said while the host was busy is read first.
    const timer = this.#timer;
    setImmediate(() => {
      if (this.#stopped || this.#timer !== timer) return;
      this.stop();
      this.#actions.expired();
    });
  }
}
