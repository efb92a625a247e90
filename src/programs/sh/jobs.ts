import { constants } from "node:os";

/** What a job is made of. */
interface JobParts {
  /** A process of its own, which leads a group, or the number that a task of this process goes by. */
  pid: number;
  /** The script of it. */
  text: string;
  ended: Promise<number>;
  kill(signal: number): void;
}

/** A command that goes on beside the shell, or could. */
export class Job {
  /** 0 while it is not in the shell's list. */
  id = 0;
  readonly pid: number;
  readonly text: string;
  /** Its status, null while it runs. */
  status: number | null = null;
  readonly ended: Promise<number>;
  readonly kill: (signal: number) => void;
  /** The signal that has stopped it. */
  stopped: number | null = null;
  #stop: (() => void) | null = null;

  constructor({ pid, text, ended, kill }: JobParts) {
    this.pid = pid;
    this.text = text;
    this.ended = ended;
    this.kill = kill;
    ended.then(
      (status) => {
        this.status = status;
      },
      // Whoever waits for it hears of it.
      () => undefined,
    );
  }

  /** Whether it is a process of its own. */
  get isProcess(): boolean {
    return this.pid < FIRST_TASK;
  }

  /** A signal has stopped it, or it goes on. */
  halt(signal: number | null): void {
    this.stopped = signal;
    if (signal !== null) this.#stop?.();
  }

  /** Resolves when it is stopped. */
  stop(): Promise<null> {
    if (this.stopped !== null) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#stop = () => resolve(null);
    });
  }
}

/** Above the numbers of processes. */
const FIRST_TASK = 4_194_305;
let lastTask = FIRST_TASK - 1;

/** A number for a task of this process, which `kill` and `wait` of this shell know. */
export function taskNumber(): number {
  return ++lastTask;
}

/** The commands that a shell has in the background, and those that were stopped. */
export class Jobs {
  #jobs: Job[] = [];
  #statuses = new Map<number, number>();

  /** Takes a job in; one that is there already becomes the current one again. */
  list(job: Job): void {
    if (this.#jobs.includes(job)) return;
    job.id = (this.#jobs.at(-1)?.id ?? 0) + 1;
    this.#jobs.push(job);
  }

  get all(): readonly Job[] {
    return this.#jobs;
  }

  /** What `fg` and `bg` mean without a name: what was stopped last, or else the last. */
  get current(): Job | undefined {
    return this.#jobs.findLast(({ stopped }) => stopped !== null) ?? this.#jobs.at(-1);
  }

  /** By `%1`, `%%`, `%+`, `%-`, `%text`, `%?text` or a process's number. */
  find(name: string): Job | undefined {
    if (!name.startsWith("%")) return this.#jobs.find(({ pid }) => pid === Number(name));
    const rest = name.slice(1);
    if (rest === "" || rest === "%" || rest === "+") return this.current;
    if (rest === "-") return this.#jobs.findLast((job) => job !== this.current);
    if (/^\d+$/.test(rest)) return this.#jobs.find(({ id }) => id === Number(rest));
    if (rest.startsWith("?")) return this.#jobs.find(({ text }) => text.includes(rest.slice(1)));
    return this.#jobs.find(({ text }) => text.startsWith(rest));
  }

  /** Forgets a job, but for its status: it can be waited for once more. */
  forget(job: Job): void {
    if (!this.#jobs.includes(job)) return;
    this.#jobs = this.#jobs.filter((other) => other !== job);
    if (job.status !== null) this.#statuses.set(job.pid, job.status);
  }

  /** The status of a job that has been forgotten. */
  past(pid: number): number | undefined {
    return this.#statuses.get(pid);
  }
}

/** A job as `jobs` shows it. */
export function described({ id, pid, status, stopped, text }: Job, current: boolean, long: boolean): string {
  const mark = current ? "+" : "-";
  return `[${id}]${mark} ${long ? ` ${pid}` : ""} ${state(status, stopped).padEnd(22)}  ${text}\n`;
}

function state(status: number | null, stopped: number | null): string {
  if (status === 0) return "Done";
  if (status !== null) return `Exit ${status}`;
  if (stopped === null) return "Running";
  return stopped === constants.signals.SIGTSTP ? "Stopped" : `Stopped(${nameOf(stopped)})`;
}

function nameOf(signal: number): string {
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? String(signal);
}
