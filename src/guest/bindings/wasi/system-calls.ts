/** WASI's calls on the process: what it was given, clocks, chance, its end. No program has sockets. */
import { TypedArrayPrototypeGetLength } from "../../../primordials/primordials.js";
import { internalBinding } from "../../internals.js";
import type { Call, Context, ProcessCalls } from "./context.js";
import { errnoOf, INVAL, NOSYS, NOTSOCK, NOTSUP, OVERFLOW, SUCCESS } from "./errnos.js";
import { poll } from "./poll.js";
import * as rights from "./rights.js";

const { signals } = internalBinding("constants")["os"];

/** Linux's numbers in the order of WASI's, which begin at 1; 0 for those without one. */
const signalNames = [
  ...["SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL"],
  ...["SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGCHLD", "SIGCONT", "SIGSTOP"],
  ...["SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "", "", "", "", "SIGSYS"],
];

const CLOCK_REALTIME = 0;
const CLOCK_MONOTONIC = 1;
const CLOCK_THREAD_CPUTIME = 3;
const FDFLAG_NONBLOCK = 4;
const SHUT_WR = 2;
const mostRandom = 2 ** 31 - 1;

type List = "args" | "env";

function totalOf(items: readonly Uint8Array[]): number {
  let total = 0;
  for (let i = 0; i < items.length; i++) total += TypedArrayPrototypeGetLength(items[i]);
  return total;
}

/** Writes how many there are, and their bytes. */
function sizes(list: List): Call {
  return {
    types: "uu",
    run: (context, count, bytes) => {
      const { memory } = context;
      if (!memory.fits(count, 4) || !memory.fits(bytes, 4)) return OVERFLOW;
      memory.setU32(count, context[list].length);
      memory.setU32(bytes, totalOf(context[list]));
      return SUCCESS;
    },
  };
}

/** Writes all of them, one behind the other, and where each begins. */
function contents(list: List): Call {
  return {
    types: "uu",
    run: (context, pointers, buffer) => {
      const { memory } = context;
      const items = context[list];
      if (!memory.fits(buffer, totalOf(items)) || !memory.fits(pointers, items.length * 4)) return OVERFLOW;
      let at: number = buffer;
      for (let i = 0; i < items.length; i++) {
        const item = items[i] as Uint8Array;
        memory.put(at, item);
        memory.setU32(pointers + i * 4, at);
        at += TypedArrayPrototypeGetLength(item);
      }
      return SUCCESS;
    },
  };
}

/** A descriptor with all rights of a socket is a pipe at most. */
function noSocket({ descriptors }: Context, id: number): number {
  const found = descriptors.get(id, rights.socket);
  return typeof found === "number" ? found : NOTSOCK;
}

export function systemCalls(system: ProcessCalls): Record<string, Call> {
  function timeOf(clock: number): bigint {
    if (clock === CLOCK_REALTIME) return system.realtime();
    return clock === CLOCK_MONOTONIC ? system.monotonic() : system.cpuTime();
  }

  return {
    args_get: contents("args"),
    args_sizes_get: sizes("args"),
    environ_get: contents("env"),
    environ_sizes_get: sizes("env"),

    clock_res_get: {
      types: "uu",
      run: ({ memory }, clock, result) => {
        if (!memory.fits(result, 8)) return OVERFLOW;
        if (clock > CLOCK_THREAD_CPUTIME) return INVAL;
        memory.setU64(result, 1n);
        return SUCCESS;
      },
    },
    clock_time_get: {
      types: "uLu",
      run: ({ memory }, clock, _precision, result) => {
        if (!memory.fits(result, 8)) return OVERFLOW;
        if (clock > CLOCK_THREAD_CPUTIME) return INVAL;
        memory.setU64(result, timeOf(clock));
        return SUCCESS;
      },
    },

    poll_oneoff: {
      types: "uuuu",
      run: (context, subscriptions, events, count, result) =>
        poll(context, system, subscriptions, events, count, result),
    },
    proc_exit: {
      types: "u",
      run: (_context, code) => {
        system.exit(code);
        return SUCCESS;
      },
    },
    proc_raise: {
      types: "u",
      run: (_context, signal) => {
        const name = signalNames[signal - 1];
        const number: number | undefined = name === undefined ? undefined : signals[name];
        return number === undefined ? NOSYS : errnoOf(system.raise(number));
      },
    },
    random_get: {
      types: "uu",
      run: ({ memory }, at, length) => {
        if (!memory.fits(at, length)) return OVERFLOW;
        for (let done = 0; done < length; done += mostRandom)
          system.random(memory.bytes, at + done, length - done < mostRandom ? length - done : mostRandom);
        return SUCCESS;
      },
    },
    sched_yield: { types: "", run: () => SUCCESS },

    sock_accept: {
      types: "uuu",
      run: (context, id, flags, result) => {
        if (!context.memory.fits(result, 4)) return OVERFLOW;
        return (flags & 0xffff & ~FDFLAG_NONBLOCK) !== 0 ? NOTSUP : noSocket(context, id);
      },
    },
    sock_recv: {
      types: "uuuuuu",
      run: (context, id, list, count, flags, length, outFlags) => {
        const { memory } = context;
        if (!memory.fits(list, count * 8) || !memory.fits(length, 4) || !memory.fits(outFlags, 4))
          return OVERFLOW;
        if (count === 0) return INVAL;
        return (flags & 0xffff) !== 0 ? NOTSUP : noSocket(context, id);
      },
    },
    sock_send: {
      types: "uuuuu",
      run: (context, id, list, count, flags, length) => {
        const { memory } = context;
        if (!memory.fits(list, count * 8) || !memory.fits(length, 4)) return OVERFLOW;
        return count === 0 || (flags & 0xffff) !== 0 ? INVAL : noSocket(context, id);
      },
    },
    sock_shutdown: {
      types: "uu",
      run: (context, id, how) => ((how & 0xff & ~SHUT_WR) !== 0 ? NOTSUP : noSocket(context, id)),
    },
  };
}
