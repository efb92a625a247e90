// Assembles the platform package of this computer: the pinned Node, and stage 0 where a C compiler is
// found. Fast and silent when nothing has changed. Runs on Node 20.19 and newer.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nodeSource, place, platformPackage, stage0Source } from "./platform.mjs";

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
const compilers = [process.env.CC, "cc", "gcc", "clang", "musl-gcc"].filter(Boolean);

/** Compiles stage 0 to `target`; answers whether a compiler could. */
function compileStage0(target) {
  const inputs = [stage0Source, fileURLToPath(import.meta.url)];
  if (existsSync(target) && inputs.every((input) => statSync(target).mtimeMs > statSync(input).mtimeMs))
    return true;
  const temporary = `${target}.${process.pid}`;
  for (const compiler of compilers) {
    for (const flags of linking) {
      const args = [...hardening, ...flags, "-o", temporary, stage0Source];
      const { status } = spawnSync(compiler, args, { stdio: "ignore" });
      // Started without arguments it must answer with its own exit code: it runs here.
      if (status === 0 && spawnSync(temporary, { stdio: "ignore" }).status === 80) {
        renameSync(temporary, target);
        return true;
      }
    }
  }
  rmSync(temporary, { force: true });
  rmSync(target, { force: true });
  return false;
}

const target = platformPackage();
if (target === null) {
  console.log(`No platform package: secure-exec has none for ${process.platform} on ${process.arch}.`);
} else {
  mkdirSync(target.bin, { recursive: true });
  const source = nodeSource(target);
  if (source === null) {
    console.log(`No pinned Node: the optional dependency of ${target.manifest.name} is not installed.`);
  } else {
    place(source.node, join(target.bin, "node"));
  }
  if (!compileStage0(join(target.bin, "stage0"))) {
    console.log(
      "Stage 0 is not compiled, no C compiler can do it: its TypeScript form serves, 40 ms slower.",
    );
  }
}
