import type { ClockOrigin } from "../process/clock.js";

/**
 * What a thread tells one that it makes, in a message that lies first in the port between them. Both belong
 * to one process, so that nobody checks it; what the kernel decides comes from the kernel.
 */
export interface Birth {
  name: string;
  /** Its variables, or the memory that it shares them in. */
  env: Record<string, string> | SharedArrayBuffer;
  /** In the order of Node's binding, in MiB. */
  limits: Float64Array;
  /** The thread of loader hooks. */
  internal: boolean;
  /** Descriptors that are opened in the thread are closed at its end. */
  trackFds: boolean;
  clock: ClockOrigin;
}
