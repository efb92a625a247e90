/** Capabilities of this thread: root's power in pieces (linux/capability.h). */
import { JailError } from "./jail-error.js";
import { allocate, type NativeMemory, syscall } from "./native.js";
import { syscallNumber } from "./seccomp/architecture.js";

const PR_CAPBSET_DROP = 24;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const LINUX_CAPABILITY_VERSION_3 = 0x20080522;
/** Effective, permitted and inheritable, twice 32 bits of each. */
const DATA_BYTES = 24;

function header(): NativeMemory {
  const memory = allocate(8);
  memory.view.setUint32(0, LINUX_CAPABILITY_VERSION_3, true);
  return memory;
}

/**
 * Gives up every capability, and the ways to get one back: under no-new-privileges a program that root
 * executes is given no more than its caller had.
 */
export function dropCapabilities(): void {
  const prctl = syscallNumber("prctl");
  // Only who has CAP_SETPCAP may shrink the bounding set; who lacks it can't use what is in there either.
  for (let capability = 0; syscall(prctl, PR_CAPBSET_DROP, capability, 0, 0, 0) === 0; capability += 1);
  syscall(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  const result = syscall(syscallNumber("capset"), header().address, allocate(DATA_BYTES).address);
  if (result !== 0) throw new JailError("capset", `capabilities were not dropped (${result})`);
}

/** Throws if a capability is left. */
export function assertNoCapabilities(): void {
  const data = allocate(DATA_BYTES);
  const result = syscall(syscallNumber("capget"), header().address, data.address);
  if (result !== 0) throw new JailError("capget", `capabilities are unreadable (${result})`);
  for (let offset = 0; offset < DATA_BYTES; offset += 4) {
    if (data.view.getUint32(offset, true) !== 0) throw new JailError("capget", "a capability is left");
  }
}
