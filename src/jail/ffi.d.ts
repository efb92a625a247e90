/** The part of Node 26's `node:ffi` that the jail uses; @types/node does not know it yet. */
declare module "node:ffi" {
  type Argument = "int64" | "uint64" | "pointer";

  interface Signature {
    arguments: readonly Argument[];
    return: Argument;
  }

  interface Library<F extends Record<string, Signature>> {
    functions: { [name in keyof F]: (...args: bigint[]) => bigint };
  }

  /** Opens a shared library, or with `null` the symbols that the process already has. */
  export function dlopen<F extends Record<string, Signature>>(path: string | null, functions: F): Library<F>;
  /** The address of a buffer's first byte. */
  export function getRawPointer(buffer: ArrayBufferLike | ArrayBufferView): bigint;
  export function getInt32(address: bigint, offset?: number): number;
}
