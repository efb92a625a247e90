import { TCP_QUEUE, TCP_STREAM, UDP_QUEUE } from "../../disk/socket.js";
import { EINVAL } from "../../syscall/errno.js";
import { SYS_PASS, SYS_TAKE } from "../../syscall/numbers.js";
import type { GuestEnv } from "../env.js";
import { type Internal, requireBuiltin } from "../internals.js";

/** Sends the file behind a handle beside what is about to be written to a channel: 0, or a negative errno. */
export function passHandle({ channel }: GuestEnv, over: number, handle: Internal): number {
  const { fd } = handle;
  return typeof fd === "number" && fd >= 0 ? channel.call(SYS_PASS, over, fd) : -EINVAL;
}

/** The handle of what was sent over a channel; undefined where there is nothing. */
export function takeHandle(env: GuestEnv, over: number): Internal {
  const fd = env.channel.call(SYS_TAKE, over, 0);
  if (fd < 0) return undefined;
  const handle = handleFor(env.disk.sockets.kind(env.fds.get(fd)));
  return handle.open(fd) < 0 ? undefined : handle;
}

function handleFor(kind: number): Internal {
  const { internalBinding } = requireBuiltin("internal/bootstrap/realm");
  if (kind === UDP_QUEUE) return new (internalBinding("udp_wrap").UDP)();
  const { TCP, constants } = internalBinding("tcp_wrap");
  if (kind === TCP_QUEUE) return new TCP(constants.SERVER);
  if (kind === TCP_STREAM) return new TCP(constants.SOCKET);
  const pipes = internalBinding("pipe_wrap");
  return new pipes.Pipe(pipes.constants.SOCKET);
}
