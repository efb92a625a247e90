/** What differs between the architectures that a machine runs on. */
import { JailError } from "../jail-error.js";
import { arm64 } from "./syscalls-arm64.js";
import { x64 } from "./syscalls-x64.js";

/** A system call of any architecture that a rule can name. */
export type SyscallName = keyof typeof x64;

export interface Architecture {
  /** AUDIT_ARCH_*: the kernel's name for the calling convention that a call came in by. */
  readonly audit: number;
  /** Numbers from here up belong to another convention under the same audit value. */
  readonly foreignFrom: number | null;
  readonly numbers: Readonly<Partial<Record<SyscallName, number>>>;
}

/** x32 calls share x64's audit value and differ in this bit of the number. */
const X32_SYSCALL_BIT = 0x40000000;

export const architectures: Readonly<Record<"x64" | "arm64", Architecture>> = {
  x64: { audit: 0xc000003e, foreignFrom: X32_SYSCALL_BIT, numbers: x64 },
  arm64: { audit: 0xc00000b7, foreignFrom: null, numbers: arm64 },
};

/** The architecture of this process. */
export function nativeArchitecture(): Architecture {
  const { arch, platform } = process;
  if (platform === "linux" && (arch === "x64" || arch === "arm64")) return architectures[arch];
  throw new JailError("architecture", `there is no jail for ${platform} on ${arch}`);
}

/** The number of a system call here; throws where the architecture lacks the call. */
export function syscallNumber(name: SyscallName): number {
  const number = nativeArchitecture().numbers[name];
  if (number === undefined) throw new JailError("architecture", `${name} does not exist on ${process.arch}`);
  return number;
}
