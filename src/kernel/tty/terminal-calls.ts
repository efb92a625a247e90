import { LATER } from "../../syscall/channel.js";
import { ENXIO } from "../../syscall/errno.js";
import {
  SYS_TTY_FOREGROUND,
  SYS_TTY_LISTEN,
  SYS_TTY_MODE,
  SYS_TTY_READ,
  SYS_TTY_SIZE,
  SYS_TTY_WAIT,
} from "../../syscall/numbers.js";
import type { GuestThread } from "../guest-thread.js";
import type { Terminal, TerminalUser } from "./terminal.js";

const calls: ReadonlySet<number> = new Set([
  SYS_TTY_READ,
  SYS_TTY_WAIT,
  SYS_TTY_LISTEN,
  SYS_TTY_SIZE,
  SYS_TTY_MODE,
  SYS_TTY_FOREGROUND,
]);

/** Does a call about the terminal; undefined for one about anything else. */
export function terminalCall(
  terminal: Terminal | null,
  user: TerminalUser,
  thread: GuestThread,
  nr: number,
  a: number,
  sequence: number,
): number | typeof LATER | undefined {
  // A thread has one call under way.
  if (sequence !== 0) terminal?.abandon(thread);
  if (!calls.has(nr)) return undefined;
  if (terminal === null) return -ENXIO;
  switch (nr) {
    case SYS_TTY_READ: {
      const bytes = terminal.read(user, a);
      if (typeof bytes === "number") return bytes;
      thread.channel.reply(sequence, bytes.length, bytes);
      return LATER;
    }
    case SYS_TTY_WAIT:
      return terminal.sleep(thread, sequence) ? 0 : LATER;
    case SYS_TTY_LISTEN:
      terminal.listen(thread);
      return 0;
    case SYS_TTY_SIZE: {
      const { columns, rows } = terminal.size;
      return columns * 0x10000 + rows;
    }
    case SYS_TTY_FOREGROUND:
      return terminal.giveTo(a === 0 ? user.groupId : a);
    default:
      terminal.setRaw(user, a === 1);
      return 0;
  }
}
