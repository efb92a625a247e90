/** The machine's tie to its host: it must not outlive it. */
import { JailError } from "./jail-error.js";
import { allocate, syscall } from "./native.js";
import { syscallNumber } from "./seccomp/architecture.js";

/** The descriptor of the wire to the host. */
export const WIRE = 3;

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;
const POLLIN = 0x001;
const POLLERR = 0x008;
const POLLHUP = 0x010;
const POLLNVAL = 0x020;
const POLLRDHUP = 0x2000;

/** Makes the kernel kill this process when the host's thread that spawned it ends. */
export function dieWithParent(): void {
  const result = syscall(syscallNumber("prctl"), PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (result !== 0) throw new JailError("prctl", `no death signal could be set (${result})`);
}

/**
 * Whether the host's end of the wire is gone. Asked after `dieWithParent`, since a host that had died
 * before leaves no signal.
 */
export function isWireHungUp(): boolean {
  const entry = allocate(8);
  entry.view.setInt32(0, WIRE, true);
  entry.view.setInt16(4, POLLIN | POLLRDHUP, true);
  const timeout = allocate(16);
  const ready = syscall(syscallNumber("ppoll"), entry.address, 1, timeout.address, 0, 0);
  if (ready < 0) return true;
  return (entry.view.getInt16(6, true) & (POLLERR | POLLHUP | POLLNVAL | POLLRDHUP)) !== 0;
}
