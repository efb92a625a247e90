/** Reading and writing through lists of places in a program's memory. */
import type { Call, Context } from "./context.js";
import { errnoOf, INVAL, OVERFLOW, SUCCESS } from "./errnos.js";
import { FD_READ, FD_SEEK, FD_WRITE } from "./rights.js";

const toNumber = Number;
const pairBytes = 8;
const highestOffset = 2n ** 63n - 1n;
const exact = 2n ** 53n;
const current = -1;

/** Whether all places of a list lie in memory. */
function placesFit({ memory }: Context, list: number, count: number): boolean {
  for (let i = 0; i < count; i++) {
    const pair = list + i * pairBytes;
    if (!memory.fits(memory.u32(pair), memory.u32(pair + 4))) return false;
  }
  return true;
}

type Transfer = "read" | "write";

/** Moves bytes until a place is not filled; the answer is at least 0 or the negative of Linux's number. */
function move(
  { memory, files }: Context,
  how: Transfer,
  fd: number,
  list: number,
  count: number,
  from: number,
) {
  let done = 0;
  for (let i = 0; i < count; i++) {
    const at = memory.u32(list + i * pairBytes);
    const length = memory.u32(list + i * pairBytes + 4);
    if (length === 0) continue;
    const position = from === current ? current : from + done;
    // What comes through a pipe next may take its time.
    const call = how === "read" && done > 0 ? "readNow" : how;
    const part = files[call](fd, memory.bytes, at, length, position);
    if (part < 0) return done > 0 ? done : part;
    done += part;
    if (part < length) break;
  }
  return done;
}

function transfer(how: Transfer, right: bigint): Call["run"] {
  return (context, id: number, list: number, count: number, result: number, position?: bigint) => {
    const { memory, descriptors } = context;
    if (!memory.fits(list, count * pairBytes) || !memory.fits(result, 4)) return OVERFLOW;
    if (!placesFit(context, list, count)) return OVERFLOW;
    if (position !== undefined && position > highestOffset) return INVAL;
    const found = descriptors.get(id, position === undefined ? right : right | FD_SEEK);
    if (typeof found === "number") return found;
    // Beyond what a number holds exactly no file reaches.
    const from = position === undefined ? current : toNumber(position > exact ? exact : position);
    const moved = move(context, how, found.fd, list, count, from);
    if (moved < 0) return errnoOf(moved);
    memory.setU32(result, moved);
    return SUCCESS;
  };
}

const read = transfer("read", FD_READ);
const write = transfer("write", FD_WRITE);

export const transferCalls: Record<string, Call> = {
  fd_read: { types: "uuuu", run: read },
  fd_write: { types: "uuuu", run: write },
  fd_pread: {
    types: "uuuLu",
    run: (context, id, list, count, position, result) => read(context, id, list, count, result, position),
  },
  fd_pwrite: {
    types: "uuuLu",
    run: (context, id, list, count, position, result) => write(context, id, list, count, result, position),
  },
};
