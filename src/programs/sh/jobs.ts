/** A command in the background. */
export interface Job {
  id: number;
  /** A process of its own, or the number that a task of this process goes by. */
  pid: number;
  /** The script of it. */
  text: string;
  /** Its status, null while it runs. */
  status: number | null;
  ended: Promise<number>;
  kill(signal: number): void;
}

/** Above the numbers of processes. */
let lastTask = 4_194_304;

/** A number for a task of this process, which `kill` and `wait` of this shell know. */
export function taskNumber(): number {
  return ++lastTask;
}

/** The commands that a shell has in the background. */
export class Jobs {
  #jobs: Job[] = [];
  #statuses = new Map<number, number>();

  add(pid: number, text: string, ended: Promise<number>, kill: Job["kill"]): Job {
    const id = (this.#jobs.at(-1)?.id ?? 0) + 1;
    const job: Job = { id, pid, text, status: null, ended, kill };
    this.#jobs.push(job);
    ended.then((status) => {
      job.status = status;
    });
    return job;
  }

  get all(): readonly Job[] {
    return this.#jobs;
  }

  /** By `%1`, `%%`, `%+`, `%-`, `%text`, `%?text` or a process's number. */
  find(name: string): Job | undefined {
    if (!name.startsWith("%")) return this.#jobs.find(({ pid }) => pid === Number(name));
    const rest = name.slice(1);
    if (rest === "" || rest === "%" || rest === "+") return this.#jobs.at(-1);
    if (rest === "-") return this.#jobs.at(-2);
    if (/^\d+$/.test(rest)) return this.#jobs.find(({ id }) => id === Number(rest));
    if (rest.startsWith("?")) return this.#jobs.find(({ text }) => text.includes(rest.slice(1)));
    return this.#jobs.find(({ text }) => text.startsWith(rest));
  }

  /** Forgets a job, but for its status: it can be waited for once more. */
  forget(job: Job): void {
    this.#jobs = this.#jobs.filter((other) => other !== job);
    if (job.status !== null) this.#statuses.set(job.pid, job.status);
  }

  /** The status of a job that has been forgotten. */
  past(pid: number): number | undefined {
    return this.#statuses.get(pid);
  }
}
