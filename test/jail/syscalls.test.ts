import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { nativeArchitecture } from "../../src/jail/seccomp/architecture.js";
import { arm64 } from "../../src/jail/seccomp/syscalls-arm64.js";
import { x64 } from "../../src/jail/seccomp/syscalls-x64.js";

const compiler = ["cc", "gcc", "clang"].find((name) => spawnSync(name, ["--version"]).status === 0);

describe("the numbers of system calls", () => {
  it.skipIf(compiler === undefined)("are those of this computer's headers (skipped: no C compiler)", () => {
    const { numbers } = nativeArchitecture();
    // Headers may be older than a call.
    const claims = Object.entries(numbers).map(
      ([name, number]) =>
        `#ifdef __NR_${name}\n_Static_assert(__NR_${name} == ${number}, "${name}");\n#endif`,
    );
    const source = ["#include <sys/syscall.h>", ...claims, "int main(void) { return 0; }"].join("\n");
    const args = ["-x", "c", "-fsyntax-only", "-"];
    const { status, stderr } = spawnSync(compiler ?? "", args, { input: source, encoding: "utf8" });
    expect([stderr, status]).toEqual(["", 0]);
  });

  it.each(Object.entries({ x64, arm64 }))("are all different on %s", (_, numbers) => {
    expect(new Set(Object.values(numbers)).size).toBe(Object.keys(numbers).length);
  });

  it("are those of arm64 where an older form is missing there", () => {
    const missing = Object.keys(x64).filter((name) => !(name in arm64));
    expect(missing.sort()).toEqual([
      "fork",
      "ioperm",
      "iopl",
      "modify_ldt",
      "poll",
      "time",
      "uselib",
      "vfork",
    ]);
  });
});
