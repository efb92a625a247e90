import { EACCES, EPERM } from "../../syscall/errno.js";
import type { GuestEnv } from "../env.js";
import { hideFrames, type Internal, primordials } from "../internals.js";
import { uvException } from "./fs/errors.js";

const NodeError: ErrorConstructor = primordials.Error;

/** The ids of those who are in /etc/passwd and /etc/group. */
const users = { __proto__: null as never, root: 0, user: 1000, nobody: 65534 };
const groups = { __proto__: null as never, root: 0, user: 1000, nogroup: 65534 };

/** What the native setters answer for a user or group that isn't known. */
const unknownCredential = 1;

/** The error that the native setters throw, in the shape of their C++ (its `errno` is positive). */
function notPermitted(syscall: string, from: (...args: never[]) => unknown): Error {
  const error = new NodeError("EPERM, Operation not permitted") as Error & Internal;
  error.errno = EPERM;
  error.code = "EPERM";
  error.syscall = syscall;
  hideFrames(error, from);
  return error;
}

/** What the `credentials` binding has in its place. The native setters end the whole machine. */
export function credentialsBinding(env: GuestEnv): Record<string, Internal> {
  const { cred } = env;

  /** A setter that may only set what is set already, as for any process without privileges. */
  function setter(syscall: string, names: Readonly<Record<string, number>>, current: () => number) {
    return function set(id: number | string): number {
      const wanted = typeof id === "string" ? names[id] : id;
      if (wanted === undefined) return unknownCredential;
      if (!env.permits("setuid", syscall)) throw uvException(set, -EACCES, syscall);
      if (wanted === current()) return 0;
      throw notPermitted(syscall, set);
    };
  }

  function refused(syscall: string) {
    return function refuse(): never {
      if (!env.permits("setuid", syscall)) throw uvException(refuse, -EACCES, syscall);
      throw notPermitted(syscall, refuse);
    };
  }

  const uid = () => cred.uid;
  const gid = () => cred.gid;
  return {
    getuid: uid,
    geteuid: uid,
    getgid: gid,
    getegid: gid,
    getgroups: () => [cred.gid],
    setuid: setter("setuid", users, uid),
    seteuid: setter("seteuid", users, uid),
    setgid: setter("setgid", groups, gid),
    setegid: setter("setegid", groups, gid),
    setgroups: refused("setgroups"),
    initgroups: refused("initgroups"),
  };
}
