/**
 * The `wasi` binding: system calls for WebAssembly programs, on the machine's disk and the process's
 * descriptors. Errors and order of checks are those of uvwasi, on which the native class stands.
 */
import type { GuestEnv } from "../../env.js";
import type { OpenFiles } from "../../files.js";
import { hideFrames, type Internal, primordials } from "../../internals.js";
import { toBytePath } from "../fs/byte-path.js";
import { encodeUtf8 } from "../fs/encoding.js";
import { codedError } from "../fs/errors.js";
import type { Call, Context, ProcessCalls } from "./context.js";
import { descriptorCalls } from "./descriptor-calls.js";
import { Descriptors } from "./descriptors.js";
import { errnoName, INVAL } from "./errnos.js";
import { isMemory, ProgramMemory } from "./memory.js";
import { pathCalls } from "./path-calls.js";
import { systemCalls } from "./system-calls.js";
import { transferCalls } from "./transfers.js";

const {
  ArrayPrototypePush,
  BigIntAsIntN,
  BigIntAsUintN,
  Error: NodeError,
  ObjectDefineProperty,
  ObjectKeys,
  ReflectApply,
  SafeWeakMap,
  TypeError: NodeTypeError,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} = primordials;

const highest = 2 ** 32 - 1;
const wrongMemory = '"instance.exports.memory" property must be a WebAssembly.Memory object';

/** One program's state, before and after it has its memory. */
interface Program {
  readonly context: Context;
  memory: unknown;
}

/** The argument as the call takes it; undefined for one of another type. */
function convert(type: string, value: unknown): number | bigint | undefined {
  if (type === "u") {
    const right = typeof value === "number" && value >= 0 && value <= highest && value % 1 === 0;
    return right ? value : undefined;
  }
  if (typeof value !== "bigint") return undefined;
  return type === "L" ? BigIntAsUintN(64, value) : BigIntAsIntN(64, value);
}

/** Texts as C has them. */
function terminated(texts: string[]): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let i = 0; i < texts.length; i++) {
    const bytes = encodeUtf8(`${texts[i]}\0`);
    ArrayPrototypePush(all, bytes);
  }
  return all;
}

export function wasiBinding(env: GuestEnv, files: OpenFiles, system: ProcessCalls): Record<string, Internal> {
  const programs: WeakMap<object, Program> = new SafeWeakMap();

  function WASI(this: Internal, args: string[], pairs: string[], preopens: string[], stdio: number[]): void {
    if (new.target === undefined)
      throw new NodeTypeError("Class constructor WASI cannot be invoked without 'new'");
    const { disk } = env;
    const descriptors = new Descriptors(files, disk);
    const names = ["<stdin>", "<stdout>", "<stderr>"];
    for (let i = 0; i < names.length; i++)
      check(descriptors.addStdio(stdio[i] as number, names[i] as string));
    for (let i = 0; i < preopens.length; i += 2)
      check(descriptors.preopen(toBytePath(preopens[i] as string), toBytePath(preopens[i + 1] as string)));
    const context = { disk, files, descriptors, args: terminated(args), env: terminated(pairs) };
    const program: Program = { context: context as unknown as Context, memory: undefined };
    WeakMapPrototypeSet(programs, this, program);
    this._setMemory = function _setMemory(memory: unknown): void {
      if (!isMemory(memory)) throw codedError(_setMemory, "TypeError", "ERR_INVALID_ARG_TYPE", wrongMemory);
      program.memory = memory;
    };
  }

  function check(errno: number): void {
    if (errno === 0) return;
    const code = errnoName(errno);
    const syscall = "uvwasi_init";
    const error = new NodeError(`${code}, ${syscall}`);
    error.errno = errno;
    error.code = code;
    error.syscall = syscall;
    hideFrames(error, WASI as never);
    throw error;
  }

  /** A method that checks the types of its arguments first, then that there is memory. */
  function method(name: string, { types, run }: Call): Internal {
    const count = types.length;
    const { call } = {
      call(this: object): number {
        // biome-ignore lint/complexity/noArguments: a rest parameter is an array with the guest's iterator.
        const given = arguments;
        if (given.length !== count) return INVAL;
        const program: Program | undefined = WeakMapPrototypeGet(programs, this);
        if (program === undefined) throw new NodeTypeError("Illegal invocation");
        const values: unknown[] = [program.context];
        for (let i = 0; i < count; i++) {
          const value = convert(types[i] as string, given[i]);
          if (value === undefined) return INVAL;
          ArrayPrototypePush(values, value);
        }
        if (program.memory === undefined)
          throw codedError(call, "Error", "ERR_WASI_NOT_STARTED", "wasi.start() has not been called");
        program.context.memory = new ProgramMemory(program.memory);
        return ReflectApply(run, undefined, values);
      },
    };
    ObjectDefineProperty(call, "name", { __proto__: null, value: name });
    ObjectDefineProperty(call, "length", { __proto__: null, value: count });
    return call;
  }

  function define(calls: Record<string, Call>): void {
    const names: string[] = ObjectKeys(calls);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      WASI.prototype[name] = method(name, calls[name] as Call);
    }
  }
  define(transferCalls);
  define(descriptorCalls);
  define(pathCalls);
  define(systemCalls(system));
  return { WASI };
}
