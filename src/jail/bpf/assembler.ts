/**
 * An assembler for classic BPF, as far as seccomp takes it: loads of words, one mask, forward jumps to
 * labels, and returns.
 */

/** A place in a program that a jump can name. */
export interface Label {
  readonly label: string;
}

export type Test = "equal" | "greater" | "greaterOrEqual";

export type Statement =
  | { readonly op: "load"; readonly offset: number }
  | { readonly op: "and"; readonly value: number }
  /** Goes on with the next statement when the test holds, else at `otherwise`. */
  | { readonly op: "require"; readonly test: Test; readonly value: number; readonly otherwise: Label }
  /** Goes to `target` when the test holds, else on with the next statement. */
  | { readonly op: "jumpIf"; readonly test: Test; readonly value: number; readonly target: Label }
  | { readonly op: "return"; readonly value: number }
  | { readonly op: "place"; readonly label: Label };

/** One `struct sock_filter`. */
export interface Instruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly value: number;
}

// linux/bpf_common.h
const BPF_LD_W_ABS = 0x20;
const BPF_ALU_AND_K = 0x54;
const BPF_RET_K = 0x06;
const jumpCodes: Record<Test, number> = { equal: 0x15, greater: 0x25, greaterOrEqual: 0x35 };

/** The kernel's BPF_MAXINSNS. */
const MAX_INSTRUCTIONS = 4096;
/** A conditional jump holds its distance in one byte. */
const MAX_JUMP = 255;

export function label(name: string): Label {
  return { label: name };
}

/** Turns statements into instructions; throws on what the kernel would refuse or misread. */
export function assemble(program: readonly Statement[]): Instruction[] {
  const places = new Map<Label, number>();
  let size = 0;
  for (const statement of program) {
    if (statement.op === "place") places.set(statement.label, size);
    else size += 1;
  }
  if (size === 0 || size > MAX_INSTRUCTIONS) throw new RangeError(`a BPF program of ${size} instructions`);
  const instructions: Instruction[] = [];
  for (const statement of program) {
    if (statement.op === "place") continue;
    instructions.push(encode(statement, instructions.length + 1, places));
  }
  return instructions;
}

function encode(
  statement: Exclude<Statement, { op: "place" }>,
  next: number,
  places: ReadonlyMap<Label, number>,
): Instruction {
  switch (statement.op) {
    case "load":
      return { code: BPF_LD_W_ABS, jumpTrue: 0, jumpFalse: 0, value: statement.offset };
    case "and":
      return { code: BPF_ALU_AND_K, jumpTrue: 0, jumpFalse: 0, value: statement.value >>> 0 };
    case "return":
      return { code: BPF_RET_K, jumpTrue: 0, jumpFalse: 0, value: statement.value >>> 0 };
    case "require": {
      const jumpFalse = distance(statement.otherwise, next, places);
      return { code: jumpCodes[statement.test], jumpTrue: 0, jumpFalse, value: statement.value >>> 0 };
    }
    case "jumpIf": {
      const jumpTrue = distance(statement.target, next, places);
      return { code: jumpCodes[statement.test], jumpTrue, jumpFalse: 0, value: statement.value >>> 0 };
    }
  }
}

function distance(target: Label, next: number, places: ReadonlyMap<Label, number>): number {
  const place = places.get(target);
  if (place === undefined) throw new RangeError(`no place for the label ${target.label}`);
  const steps = place - next;
  if (steps < 0 || steps > MAX_JUMP) throw new RangeError(`the label ${target.label} is ${steps} away`);
  return steps;
}

/** The bytes of an array of `struct sock_filter`, little-endian as both architectures are. */
export function encodeProgram(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  instructions.forEach(({ code, jumpTrue, jumpFalse, value }, index) => {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jumpTrue);
    view.setUint8(index * 8 + 3, jumpFalse);
    view.setUint32(index * 8 + 4, value, true);
  });
  return bytes;
}
