import { O_APPEND, O_CREAT, O_RDONLY, O_TRUNC, O_WRONLY } from "../../disk/modes.js";
import { deniedError } from "../denied.js";
import type { GuestEnv } from "../env.js";
import { hideFrames, type Internal, internalBinding, primordials } from "../internals.js";
import { optionValue } from "../options.js";
import type { Replacement } from "../swap.js";
import { Operation } from "./completions.js";
import { finishJob } from "./fs/file-jobs.js";
import { fail, isRequest } from "./fs/request.js";

/*
 * Node's own permission model (`--permission`), whose checks are in the natives that ours replace. What is
 * granted Node itself knows, since the thread was made with these options. It is a program's means against
 * its own mistakes, as on plain Node, and no boundary.
 */

const {
  Error: NodeError,
  FunctionPrototypeCall,
  ObjectDefineProperty,
  ObjectKeys,
  ObjectSetPrototypeOf,
  ReflectApply,
  ReflectConstruct,
  String: toText,
  StringPrototypeCharCodeAt,
  StringPrototypeSplit,
} = primordials;

const permission = internalBinding("permission");
const has: (scope: string, reference?: unknown) => boolean = permission["has"];

type Callable = (...args: unknown[]) => unknown;
type Arguments = ArrayLike<unknown>;

/** What is wanted of a path, or of something that has none. */
interface Scope {
  name: string;
  /** What the error calls it, and the option that grants it. */
  title: string;
  option: string;
}

const read: Scope = { name: "fs.read", title: "FileSystemRead", option: "--allow-fs-read" };
const write: Scope = { name: "fs.write", title: "FileSystemWrite", option: "--allow-fs-write" };
const child: Scope = { name: "child", title: "ChildProcess", option: "--allow-child-process" };
const worker: Scope = { name: "worker", title: "WorkerThreads", option: "--allow-worker" };
const wasi: Scope = { name: "wasi", title: "WASI", option: "--allow-wasi" };
const inspector: Scope = { name: "inspector", title: "Inspector", option: "--allow-inspector" };

/** Functions of `fs` that read what their first argument names, and that change it. */
// `lstat` is checked by its callers in Node's library.
const reading =
  "access existsSync stat statfs readlink realpath readdir readdirRecursive getFormatOfExtensionlessFile";
const writing =
  "mkdir rmdir rmSync unlink chmod chown lchown utimes lutimes writeFileUtf8 cpSyncOverrideFile";
/** Those that take two paths: what they do with each. */
const twoPaths: Readonly<Record<string, readonly (readonly Scope[])[]>> = {
  __proto__: null as never,
  rename: [[read, write], [write]],
  link: [
    [read, write],
    [read, write],
  ],
  copyFile: [[read], [write]],
  cpSyncCheckPaths: [[read], [write]],
  cpSyncCopyDir: [[read], [write]],
};

const SLASH = 47;

function denied(scope: Scope, resource: string): Error & Internal {
  const error: Error & Internal = new NodeError(
    `Access to this API has been restricted. Use ${scope.option} to manage permissions.`,
  );
  error.code = "ERR_ACCESS_DENIED";
  error.permission = scope.title;
  error.resource = resource;
  return error;
}

/** The bindings of a program that runs under Node's permission model, each with its checks. */
export function underPermission(
  env: GuestEnv,
  bindings: Record<string, Replacement>,
): Record<string, Replacement> {
  if (!optionValue("--permission")) return bindings;

  /** A path as Node takes it: what is relative begins in the process's working directory. */
  function absolute(path: unknown): unknown {
    if (typeof path !== "string" || StringPrototypeCharCodeAt(path, 0) === SLASH) return path;
    const cwd = env.cwd();
    return typeof cwd === "string" ? `${cwd}/${path}` : path;
  }

  function refusal(scope: Scope, path: unknown): (Error & Internal) | null {
    // Descriptors were checked as they were opened; what is no path its function refuses.
    if (typeof path === "number" || path === undefined || path === null) return null;
    return FunctionPrototypeCall(has, permission, scope.name, absolute(path))
      ? null
      : denied(scope, toText(path));
  }

  /** A function that first looks at some of its arguments. */
  function guarded(native: Callable, check: (args: Arguments) => (Error & Internal) | null): Callable {
    return function guard(this: unknown): unknown {
      // biome-ignore lint/complexity/noArguments: a rest parameter is an array with the guest's iterator.
      const args = arguments;
      const error = check(args);
      if (error === null) return ReflectApply(native, this, args);
      hideFrames(error, guard);
      for (let i = args.length - 1; i > 0; i--) if (isRequest(args[i])) return fail(args[i], error);
      throw error;
    };
  }

  function guardNamed(binding: Record<string, Internal>, names: string, scope: Scope): void {
    const list: string[] = StringPrototypeSplit(names, " ");
    for (let i = 0; i < list.length; i++) {
      const name = list[i] as string;
      binding[name] = guarded(binding[name], (args) => refusal(scope, args[0]));
    }
  }

  function opening(path: unknown, flags: unknown): (Error & Internal) | null {
    const bits = flags as number;
    const access = bits & 3;
    const reads = access === O_WRONLY ? null : refusal(read, path);
    const writes = access !== O_RDONLY || (bits & (O_CREAT | O_TRUNC | O_APPEND)) !== 0;
    return reads ?? (writes ? refusal(write, path) : null);
  }

  function copying(args: Arguments, paths: readonly (readonly Scope[])[]): (Error & Internal) | null {
    for (let i = 0; i < paths.length; i++) {
      const scopes = paths[i] as readonly Scope[];
      for (let k = 0; k < scopes.length; k++) {
        const error = refusal(scopes[k] as Scope, args[i]);
        if (error !== null) return error;
      }
    }
    return null;
  }

  /** A job that ends with the error as soon as it is run. */
  function guardedJob(Native: Internal, check: (args: Arguments) => (Error & Internal) | null): Internal {
    return guardedClass(Native, function construct(args, target) {
      const error = check(args);
      const job = ReflectConstruct(Native, args, target);
      if (error === null) return job;
      return ObjectDefineProperty(job, "run", {
        __proto__: null,
        value: () => finishJob(job, new Operation("FSREQCALLBACK", job), (each) => each.ondone(error)),
      });
    });
  }

  function guardedClass(
    Native: Internal,
    construct: (args: Arguments, target: Internal) => object,
  ): Internal {
    function Guarded(): object {
      // biome-ignore lint/complexity/noArguments: see above.
      return construct(arguments, new.target);
    }
    Guarded.prototype = Native.prototype;
    ObjectDefineProperty(Native.prototype, "constructor", { __proto__: null, value: Guarded });
    ObjectSetPrototypeOf(Guarded, Native);
    return Guarded;
  }

  /** A class or function for which a permission without a path is needed. */
  function granted(Native: Internal, scope: Scope): Internal {
    return guardedClass(Native, function construct(args, target) {
      if (!FunctionPrototypeCall(has, permission, scope.name)) throw denied(scope, "");
      return ReflectConstruct(Native, args, target);
    });
  }

  const guards: Record<string, (binding: Record<string, Internal>) => void> = {
    __proto__: null as never,
    fs(fs) {
      guardNamed(fs, reading, read);
      guardNamed(fs, writing, write);
      const names: string[] = ObjectKeys(twoPaths);
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string;
        const paths = twoPaths[name] as readonly (readonly Scope[])[];
        fs[name] = guarded(fs[name], (args) => copying(args, paths));
      }
      fs["mkdtemp"] = guarded(fs["mkdtemp"], (args) => refusal(write, `${toText(args[0])}XXXXXX`));
      fs["symlink"] = guarded(fs["symlink"], (args) => refusal(write, args[1]));
      fs["open"] = guarded(fs["open"], (args) => opening(args[0], args[1]));
      fs["openFileHandle"] = guarded(fs["openFileHandle"], (args) => opening(args[0], args[1]));
      fs["readFileUtf8"] = guarded(fs["readFileUtf8"], (args) => opening(args[0], args[1]));
      fs["ReadFileJob"] = guardedJob(fs["ReadFileJob"], (args) => opening(args[0], args[1]));
      fs["WriteFileJob"] = guardedJob(fs["WriteFileJob"], (args) => refusal(write, args[0]));
      fs["CpDirJob"] = guardedJob(fs["CpDirJob"], (args) => copying(args, [[read], [write]]));
      const watcher = fs["StatWatcher"].prototype;
      watcher.start = guarded(watcher.start, (args) => refusal(read, args[0]));
    },
    fs_dir: (binding) => guardNamed(binding, "opendir opendirSync", read),
    fs_event_wrap({ FSEvent }) {
      FSEvent.prototype.start = guarded(FSEvent.prototype.start, (args) => refusal(read, args[0]));
    },
    modules: (binding) => guardNamed(binding, "readPackageJSON", read),
    process_wrap({ Process }) {
      Process.prototype.spawn = guarded(Process.prototype.spawn, ({ 0: options }) =>
        has("child") ? null : denied(child, toText((options as Internal).file)),
      );
    },
    spawn_sync(binding) {
      binding["spawn"] = guarded(binding["spawn"], ({ 0: options }) =>
        has("child") ? null : denied(child, toText((options as Internal).file)),
      );
    },
    inspector(binding) {
      binding["Connection"] = function Connection(): never {
        throw has(inspector.name)
          ? deniedError("inspector.Connection", Connection)
          : denied(inspector, "Connect");
      };
    },
    wasi(binding) {
      binding["WASI"] = granted(binding["WASI"], wasi);
    },
    worker(binding) {
      binding["Worker"] = granted(binding["Worker"], worker);
    },
  };

  const names: string[] = ObjectKeys(guards);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    const offered = bindings[name];
    bindings[name] = () => {
      const binding = { __proto__: null, ...(typeof offered === "function" ? offered() : offered) };
      (guards[name] as (binding: Record<string, Internal>) => void)(binding as Record<string, Internal>);
      return binding;
    };
  }
  return bindings;
}
