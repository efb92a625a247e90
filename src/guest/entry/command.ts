import { type Internal, primordials, requireBuiltin } from "../internals.js";

const { FunctionPrototypeCall, PromisePrototypeThen } = primordials;

const { latin1Slice } = requireBuiltin("buffer").Buffer.prototype;

/** A command of /bin, by the script that has them all. */
export interface CommandEntry {
  name: string;
  /** A byte a character. */
  source: Uint8Array;
  cache?: Uint8Array | undefined;
}

/** What a command exits with whose own machinery failed: EX_SOFTWARE. */
const SOFTWARE = 70;

/** Runs a command as an ordinary program of the process. */
export function runCommand(process: NodeJS.Process, { name, source, cache }: CommandEntry): void {
  const { Script } = requireBuiltin("vm");
  const script = new Script(FunctionPrototypeCall(latin1Slice, source), {
    filename: name,
    cachedData: cache,
  });
  const exports: Internal = { __proto__: null };
  const { argv } = process;
  FunctionPrototypeCall(script.runInThisContext(), undefined, process.getBuiltinModule, exports);
  PromisePrototypeThen(
    exports.program(name, primordials.ArrayPrototypeSlice(argv, 1)),
    (status: number) => process.exit(status),
    (error: unknown) => {
      (process as Internal)._rawDebug((error as Internal)?.stack ?? error);
      process.exit(SOFTWARE);
    },
  );
}
