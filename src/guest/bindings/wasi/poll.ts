/** `poll_oneoff`: waits for the first of several things to happen. */
import { AtomicsWait, NewInt32Array } from "../../../primordials/primordials.js";
import { primordials } from "../../internals.js";
import type { Context, ProcessCalls } from "./context.js";
import { BADF, INVAL, OVERFLOW, PERM, SUCCESS } from "./errnos.js";
import { FD_READ, FD_WRITE, FILETYPE_DIRECTORY, FILETYPE_REGULAR_FILE, POLL_FD_READWRITE } from "./rights.js";

const { ArrayPrototypePush } = primordials;
const Shared = SharedArrayBuffer;
const toNumber = Number;

const EVENT_CLOCK = 0;
const EVENT_READ = 1;
const EVENT_WRITE = 2;
const ABSOLUTE = 1;
const subscriptionBytes = 48;
const eventBytes = 32;
const millisecond = 1_000_000n;
/** Nobody waits longer; and a number holds it exactly. */
const longest = 2n ** 31n - 1n;

interface Event {
  userdata: bigint;
  error: number;
  type: number;
}

/** Nobody ever wakes who sleeps here. */
const pillow = new NewInt32Array(new Shared(4));

function sleep(milliseconds: bigint): void {
  const time = toNumber(milliseconds > longest ? longest : milliseconds);
  if (time > 0) AtomicsWait(pillow, 0, 0, time);
}

/** What can be said of a descriptor at once: an event, or the error number of the whole call. */
function look(context: Context, userdata: bigint, type: number, id: number): Event | number {
  const right = type === EVENT_READ ? FD_READ : FD_WRITE;
  const found = context.descriptors.get(id, POLL_FD_READWRITE | right);
  if (found === BADF) return { userdata, error: BADF, type };
  if (typeof found === "number") return found;
  // As epoll answers for what never has to be waited for.
  if (found.type === FILETYPE_REGULAR_FILE || found.type === FILETYPE_DIRECTORY) return PERM;
  return { userdata, error: SUCCESS, type };
}

function hasOpen(events: Event[]): boolean {
  for (let i = 0; i < events.length; i++) if (events[i]?.error === SUCCESS) return true;
  return false;
}

interface Timer {
  timeout: bigint;
  userdata: bigint;
}

/** When a subscription to a clock is due, from now on. */
function timerOf({ memory }: Context, system: ProcessCalls, at: number): Timer {
  const given = memory.u64(at + 24);
  const now = memory.u16(at + 40) === ABSOLUTE ? system.realtime() : 0n;
  return { timeout: given > now ? given - now : 0n, userdata: memory.u64(at) };
}

/**
 * All that has happened, or an error number. A timeout passes where there is nothing else; where there are
 * descriptors, but none that is open, uvwasi says that time has passed.
 */
function gather(context: Context, system: ProcessCalls, subscriptions: number, count: number) {
  const { memory } = context;
  const happened: Event[] = [];
  let timer: Timer | undefined;
  for (let i = 0; i < count; i++) {
    const at = subscriptions + i * subscriptionBytes;
    const type = memory.u8(at + 8);
    if (type === EVENT_CLOCK) {
      const found = timerOf(context, system, at);
      if (timer === undefined || found.timeout < timer.timeout) timer = found;
    } else if (type === EVENT_READ || type === EVENT_WRITE) {
      const event = look(context, memory.u64(at), type, memory.u32(at + 16));
      if (typeof event === "number") return event;
      ArrayPrototypePush(happened, event);
    } else return INVAL;
  }
  if (hasOpen(happened)) return happened;
  if (timer !== undefined && happened.length === 0) sleep(timer.timeout / millisecond);
  return [{ userdata: timer?.userdata ?? 0n, error: SUCCESS, type: EVENT_CLOCK }];
}

/** Pipes count as ready: reading waits for what comes, and writing for room. */
export function poll(
  context: Context,
  system: ProcessCalls,
  subscriptions: number,
  events: number,
  count: number,
  result: number,
): number {
  const { memory } = context;
  if (!memory.fits(subscriptions, count * subscriptionBytes) || !memory.fits(events, count * eventBytes))
    return OVERFLOW;
  if (!memory.fits(result, 4)) return OVERFLOW;
  if (count === 0) return INVAL;
  const happened = gather(context, system, subscriptions, count);
  if (typeof happened === "number") return happened;
  for (let i = 0; i < happened.length; i++) {
    const { userdata, error, type } = happened[i] as Event;
    const at = events + i * eventBytes;
    memory.setU64(at, userdata);
    memory.setU16(at + 8, error);
    memory.setU8(at + 10, type);
    memory.setU64(at + 16, 0n);
    memory.setU16(at + 24, 0);
  }
  memory.setU32(result, happened.length);
  return SUCCESS;
}
