// Compiles stage 0, statically and hardened, with whatever C compiler there is.
import { spawnSync } from "node:child_process";
import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const hardening = [
  "-O2",
  "-s",
  "-Wall",
  "-Wextra",
  "-fstack-protector-strong",
  "-U_FORTIFY_SOURCE",
  "-D_FORTIFY_SOURCE=2",
  "-Wl,-z,relro,-z,now,-z,noexecstack",
];
// Not every toolchain can make static programs that load at any address.
const linking = [
  ["-static-pie", "-fPIE"],
  ["-static", "-no-pie"],
];
/** What stage 0 exits with when it is started without arguments. */
const USAGE = 80;

/** The compilers to try, the one that the environment names first. */
export const compilers = [process.env.CC, "cc", "gcc", "clang", "musl-gcc"].filter(Boolean);

/** Makes `target` from `source` unless it is newer; answers whether it is there and runs here. */
export function compileStage0(source, target, candidates = compilers) {
  const inputs = [source, fileURLToPath(import.meta.url)];
  if (existsSync(target) && inputs.every((input) => statSync(target).mtimeMs > statSync(input).mtimeMs)) {
    return true;
  }
  const temporary = `${target}.${process.pid}`;
  try {
    for (const compiler of candidates) {
      for (const flags of linking) {
        const args = [...hardening, ...flags, "-o", temporary, source];
        if (spawnSync(compiler, args, { stdio: "ignore" }).status !== 0) continue;
        if (spawnSync(temporary, { stdio: "ignore" }).status !== USAGE) continue;
        renameSync(temporary, target);
        return true;
      }
    }
  } finally {
    rmSync(temporary, { force: true });
  }
  // One of an older source would be worse than none.
  rmSync(target, { force: true });
  return false;
}
