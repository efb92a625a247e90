/**
 * The calls that a guest thread makes to its machine's kernel.
 *
 * "Posted" calls have no answer; "sync" calls stop the thread until the kernel answers. `a` and `b` are
 * doubles, and the kernel takes them for hostile.
 */

/** Posted. a: 1 or 2, or 0 for the terminal; bytes: at most `MAX_PAYLOAD`, longer writes go in parts. */
export const SYS_WRITE = 1;
/**
 * Sync. a: most bytes wanted. What there is to read from the session's terminal: the count with as many reply
 * bytes, 0 at an end of file, -EAGAIN while there is nothing. All calls about it answer ENXIO where there is none.
 */
export const SYS_TTY_READ = 2;
/** Sync. Answers 0 when there is something to read from the terminal. */
export const SYS_TTY_WAIT = 3;
/** Posted. A message `{ t: "terminal" }` comes, once, when there is something to read. */
export const SYS_TTY_LISTEN = 4;
/** Sync. The terminal's columns * 65536 + its rows. */
export const SYS_TTY_SIZE = 5;
/** Sync. a: 1 for raw mode, else 0; it is over with the process. 0 or an errno. */
export const SYS_TTY_MODE = 30;
/** Sync. a: the process group that is to have the terminal, 0 for the caller's: `tcsetpgrp`. 0 or an errno. */
export const SYS_TTY_FOREGROUND = 31;
/** Posted. bytes: a part of the program's value as JSON in UTF-8; a: 1 for the first part, else 0. */
export const SYS_VALUE = 6;
/** Posted. a: the exit code; the thread's native end follows, and what it writes in between is dropped. */
export const SYS_EXIT = 7;
/** Sync. a: pid, b: signal; 0 or an errno. */
export const SYS_KILL = 8;
/** Posted. bytes: what went wrong in the guest's own machinery, UTF-8; the process is ended with 70. */
export const SYS_FATAL = 9;
/**
 * Sync. a: the number of a thread that the caller makes; bytes: what was asked of it, as JSON (`ThreadWish`).
 * The thread waits for its port, which follows as a message `{ t: "thread", id, port }`. 0 or an errno;
 * EINVAL replies what Node has to say of the options, as JSON.
 */
export const SYS_THREAD = 10;
/** Posted. a: a thread that the caller has made and that is to end. */
export const SYS_THREAD_STOP = 11;
/** Sync. a: a thread that the caller has made. Replies how long its loop has run and was idle: 2 doubles, ms. */
export const SYS_THREAD_LOOP = 12;
/** Posted. A refusal; a: scope * 256 + the operation's bit, b: rule or -1; bytes: what it was about, UTF-8. */
export const SYS_AUDIT = 13;
/** Sync. bytes: flags of V8's for the process to have, UTF-8; 0, or EINVAL for one that no guest can have. */
export const SYS_V8_FLAGS = 14;
/** Posted. bytes: the first or a further part of a request to start a process: see `SpawnRequest`. */
export const SYS_SPAWN_PART = 15;
/**
 * Sync. a: the number by which the caller is told of the end, with a message `{ t: "child", id, exitCode,
 * signal }`, or 0 for one that it waits for; bytes: the last part of the request, JSON in UTF-8. Answers the
 * pid, or an errno.
 */
export const SYS_SPAWN = 16;
/** Posted. A resident process is about to evaluate the snippet that it was sent. */
export const SYS_SNIPPET_BEGIN = 60;
/** Posted. It is done with it; a: the exit code. What was returned came before. */
export const SYS_SNIPPET_END = 61;
/** Sync. a: the descriptor of a channel, b: one that its reader is to have as well. 0 or an errno. */
export const SYS_PASS = 62;
/** Sync. a: the descriptor of a channel. A descriptor of what was passed over it, or an errno. */
export const SYS_TAKE = 63;
/** Sync. a: the pid of a child that nobody is told of. Its exit status as `wait` has it; -EAGAIN while it runs. */
export const SYS_WAIT = 17;
/**
 * Sync. a: the kind of the socket (`TCP_QUEUE` …), b: `BIND_…` flags; bytes: the name, or nothing for a
 * name that the disk has. Makes a socket by the name, and answers its descriptor. Replies a word for the
 * disk to know the name by.
 */
export const SYS_BIND = 40;
/** Sync. a: a descriptor that `SYS_BIND` answered, b: how many connections may wait there. 0 or an errno. */
export const SYS_LISTEN = 41;
/**
 * Posted. a: the descriptor of the end of a new connection that is to be the other side's, which the kernel
 * takes; b: a descriptor that is bound to the near side's name, or -1; bytes: the far side's name.
 */
export const SYS_CONNECT = 42;
/** Posted. A socket that was bound has been closed. */
export const SYS_UNBOUND = 43;
/**
 * Sync. Has the names of a mounted directory brought, or the bytes of a mounted file. a: the inode, b: the slot of
 * the file's name, 0 for a directory; bytes: what is left of the path. Inode 0 is for room on a full disk. Above 0
 * when the caller may look again, or an errno.
 */
export const SYS_BRING = 18;
/**
 * Sync. a: the descriptor of a socket for datagrams, b: how many bytes of the payload are the name of whom
 * it is for; bytes: that name, and the datagram. 0, or an errno.
 */
export const SYS_SEND = 44;
/**
 * Posted. A question about a name; a: its number, which the answer `{ t: "resolved", id, error, reason, records }`
 * has; b: the place of its kind in `questionKinds` * 16 + the family of a look-up; bytes: the name, ASCII.
 */
export const SYS_RESOLVE = 50;
/** Sync. Why the last connection to an address was refused; bytes: address, space, port. Replies UTF-8. */
export const SYS_REFUSAL = 51;
