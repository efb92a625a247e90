import { EACCES } from "../../syscall/errno.js";
import type { Egress } from "./egress.js";

/** For a machine that nothing leaves. */
export const noEgress: Egress = {
  lendsLoopback: () => false,
  connect(_remote, { failed }) {
    failed(-EACCES);
    return () => undefined;
  },
  send: async () => -EACCES,
  forget: () => undefined,
};
