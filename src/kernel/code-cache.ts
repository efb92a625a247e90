/**
 * What a machine runs for the build, in the place of `loader.ts` and without a jail: keeps what V8 has made of
 * the kernel, of the guest's boot and of the commands once they have done what nearly every call needs, so that
 * no machine has to compile it. V8 itself refuses the cache of another version or architecture; the build makes
 * scripts and caches together.
 */
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Script } from "node:vm";
import { MessageChannel, Worker, type WorkerOptions } from "node:worker_threads";
import { keepingLoader } from "../syscall/guest-script.js";
import { cachePath, readBundle } from "./image-files.js";
import { kernelScript } from "./kernel-script.js";

declare const require: NodeJS.Require;

const directory = dirname(process.argv[1] as string);

/** A guest's thread; the first to end leaves what V8 has made of its boot. */
class KeepingWorker extends Worker {
  static cache: Uint8Array | undefined;

  constructor(_loader: string, options: WorkerOptions) {
    const { port1, port2 } = new MessageChannel();
    super(keepingLoader, {
      ...options,
      workerData: { ...options.workerData, kept: port2 },
      transferList: [...(options.transferList ?? []), port2],
    });
    port1.once("message", (bytes: Uint8Array) => {
      KeepingWorker.cache ??= bytes;
    });
  }
}

/** Brings in the kernel, which makes its threads as above. The host's signal tells when it has done enough. */
function keepKernel(): void {
  const threads = { ...require("node:worker_threads"), Worker: KeepingWorker };
  const script = kernelScript(directory);
  process.once("SIGTERM", () => {
    if (KeepingWorker.cache === undefined) process.exit(1);
    writeFileSync(cachePath(directory, "guest.js"), KeepingWorker.cache);
    writeFileSync(cachePath(directory, "kernel.cjs"), script.createCachedData());
    process.exit();
  });
  script.runInThisContext()((id: string) => (id === "node:worker_threads" ? threads : require(id)));
}

/** A little of all that scripts do, so that the cache has it compiled. */
const sample =
  'f() { local a=$1; [ "$a" = 1 ] && return 0; }; for i in 1 2; do f $i; done; x=$(echo a | { read y; echo "$y"; })';

/** Runs a shell, whose functions are then in the cache. */
function keepCommands(then: () => void): void {
  const script = new Script(readBundle(directory, "commands.cjs"), { filename: "sh" });
  const exports = {} as { program(name: string, args: string[]): Promise<number> };
  script.runInThisContext()(require, exports);
  exports.program("sh", ["-c", sample]).then(() => {
    writeFileSync(cachePath(directory, "commands.cjs"), script.createCachedData());
    then();
  });
}

keepCommands(keepKernel);
