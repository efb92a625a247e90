/** Puts a filter on this thread, or on all threads of this process. */
import { assemble, encodeProgram, type Statement } from "../bpf/assembler.js";
import { JailError } from "../jail-error.js";
import { allocate, syscall } from "../native.js";
import { syscallNumber } from "./architecture.js";

const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_TSYNC = 1;

/** Answers the number of instructions. No-new-privileges must be on. */
export function installFilter(program: readonly Statement[], threads: "this" | "all"): number {
  const instructions = assemble(program);
  const bytes = encodeProgram(instructions);
  const filter = allocate(bytes.length);
  new Uint8Array(filter.view.buffer).set(bytes);
  // struct sock_fprog
  const descriptor = allocate(16);
  descriptor.view.setUint16(0, instructions.length, true);
  descriptor.view.setBigUint64(8, filter.address, true);
  const flags = threads === "all" ? SECCOMP_FILTER_FLAG_TSYNC : 0;
  const result = syscall(syscallNumber("seccomp"), SECCOMP_SET_MODE_FILTER, flags, descriptor.address);
  // A positive answer is the id of a thread that could not be filtered, and then none is.
  if (result !== 0) throw new JailError("seccomp", `the filter was not installed (${result})`);
  return instructions.length;
}
