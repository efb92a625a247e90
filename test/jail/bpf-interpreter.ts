/** Runs seccomp programs as the kernel would, and refuses those that the kernel would refuse. */

interface Instruction {
  code: number;
  jumpTrue: number;
  jumpFalse: number;
  value: number;
}

/** The fields of struct seccomp_data; arguments are 64 bits each. */
export interface Call {
  arch: number;
  number: number;
  args?: readonly (number | bigint)[];
}

const SECCOMP_DATA_BYTES = 64;
const LOAD = 0x20;
const AND = 0x54;
const RETURN = 0x06;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER = 0x25;
const JUMP_GREATER_OR_EQUAL = 0x35;
const jumps = [JUMP_EQUAL, JUMP_GREATER, JUMP_GREATER_OR_EQUAL];

export function decode(bytes: Uint8Array): Instruction[] {
  if (bytes.length === 0 || bytes.length % 8 !== 0) throw new Error("not an array of instructions");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, index) => ({
    code: view.getUint16(index * 8, true),
    jumpTrue: view.getUint8(index * 8 + 2),
    jumpFalse: view.getUint8(index * 8 + 3),
    value: view.getUint32(index * 8 + 4, true),
  }));
}

/** The checks of bpf_check_classic and seccomp_check_filter, for the instructions known here. */
export function verify(program: readonly Instruction[]): void {
  if (program.length > 4096) throw new Error("too long");
  for (const [index, { code, jumpTrue, jumpFalse, value }] of program.entries()) {
    if (jumps.includes(code)) {
      for (const jump of [jumpTrue, jumpFalse]) {
        if (jump > 255 || index + 1 + jump >= program.length)
          throw new Error(`${index} jumps out of the program`);
      }
    } else if (code === LOAD) {
      if (value % 4 !== 0 || value >= SECCOMP_DATA_BYTES) throw new Error(`${index} loads from ${value}`);
    } else if (code !== AND && code !== RETURN) {
      throw new Error(`${index} has the unknown code ${code}`);
    }
    if (!jumps.includes(code) && (jumpTrue !== 0 || jumpFalse !== 0)) throw new Error(`${index} has jumps`);
  }
  if (program.at(-1)?.code !== RETURN) throw new Error("the program has no end");
}

/** Answers the program's verdict, and marks the instructions that it came by. */
export function run(program: readonly Instruction[], call: Call, visited?: Set<number>): number {
  const data = new DataView(new ArrayBuffer(SECCOMP_DATA_BYTES));
  data.setUint32(0, call.number, true);
  data.setUint32(4, call.arch, true);
  for (const [index, value] of (call.args ?? []).entries()) {
    data.setBigUint64(16 + index * 8, BigInt.asUintN(64, BigInt(value)), true);
  }
  let accumulator = 0;
  let next = 0;
  for (;;) {
    const instruction = program[next];
    if (instruction === undefined) throw new Error("ran out of the program");
    visited?.add(next);
    const { code, jumpTrue, jumpFalse, value } = instruction;
    next += 1;
    if (code === RETURN) return value;
    if (code === LOAD) accumulator = data.getUint32(value, true);
    else if (code === AND) accumulator = (accumulator & value) >>> 0;
    else next += holds(code, accumulator, value) ? jumpTrue : jumpFalse;
  }
}

function holds(code: number, accumulator: number, value: number): boolean {
  if (code === JUMP_EQUAL) return accumulator === value;
  if (code === JUMP_GREATER) return accumulator > value;
  return accumulator >= value;
}
