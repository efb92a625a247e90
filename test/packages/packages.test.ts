import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compilers, compileStage0 } from "../../packages/compile-stage0.mjs";
import { publishedManifest, stage } from "../../packages/pack.mjs";
import { place, platformPackage, root, stage0Source } from "../../packages/platform.mjs";

const directory = mkdtempSync(join(tmpdir(), "secure-exec-packages-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const target = platformPackage();
if (target === null) throw new Error("these tests need a platform that has a package");
const compiles = compileStage0(stage0Source, join(directory, "first"));

describe("the platform package", () => {
  it("is built, and built again without a word or a change", () => {
    const build = () => spawnSync(process.execPath, [join(root, "packages/build.mjs")], { encoding: "utf8" });
    expect(build().status).toBe(0);
    const times = readdirSync(target.bin).map((name) => [name, statSync(join(target.bin, name)).mtimeMs]);
    const again = build();
    expect([again.status, again.stderr]).toEqual([0, ""]);
    if (compiles) expect(again.stdout).toBe("");
    expect(readdirSync(target.bin).map((name) => [name, statSync(join(target.bin, name)).mtimeMs])).toEqual(
      times,
    );
    const { stdout } = spawnSync(join(target.bin, "node"), ["-v"], { encoding: "utf8" });
    expect(stdout.trim()).toBe(`v${target.manifest.nodeVersion}`);
  });

  it("is published without a bin or dependencies, for its platform only", () => {
    const manifest = publishedManifest({
      ...target,
      manifest: { ...target.manifest, bin: { node: "bin/node" } },
    });
    expect(manifest).toEqual({
      name: `@secure-exec/node-linux-${process.arch}`,
      version: target.manifest.version,
      description: target.manifest.description,
      license: "MIT",
      files: ["bin", "LICENSE", "README.md"],
      nodeVersion: target.manifest.nodeVersion,
      os: ["linux"],
      cpu: [process.arch],
      libc: ["glibc"],
    });
  });

  it("is staged with Node, its licence and stage 0", () => {
    const staged = join(directory, "staged");
    stage(target, staged);
    expect(readdirSync(staged).sort()).toEqual(["LICENSE", "README.md", "bin", "package.json"]);
    expect(readdirSync(join(staged, "bin"))).toContain("node");
    expect(existsSync(join(staged, "bin/stage0"))).toBe(existsSync(join(target.bin, "stage0")));
    expect(statSync(join(staged, "bin/node")).mode & 0o111).toBe(0o111);
    expect(readFileSync(join(staged, "LICENSE"), "utf8")).toContain("Node.js");
  });

  it("has the same manifest on every architecture, its name apart", () => {
    const [x64, arm64] = ["x64", "arm64"].map((arch) => {
      const text = readFileSync(join(root, `packages/node-linux-${arch}/package.json`), "utf8");
      return text.replaceAll(arch, "ARCH");
    });
    expect(arm64).toBe(x64);
  });
});

describe("placing a file", () => {
  it("links it, and replaces one that has another content", () => {
    const files = join(directory, "files");
    mkdirSync(files);
    const [source, placed] = [join(files, "source"), join(files, "placed")];
    writeFileSync(source, "new content");
    writeFileSync(placed, "old");
    place(source, placed);
    expect(statSync(placed).ino).toBe(statSync(source).ino);
    place(source, placed);
    expect(readdirSync(files).sort()).toEqual(["placed", "source"]);
  });
});

describe("stage 0 without a compiler", () => {
  it("is not left in an older form", () => {
    const old = join(directory, "old");
    writeFileSync(old, "");
    utimesSync(old, 1, 1);
    expect(compileStage0(stage0Source, old, ["/nowhere/cc", "false"])).toBe(false);
    expect(existsSync(old)).toBe(false);
  });

  it("is not taken from a compiler whose programs don't run here", () => {
    const made = join(directory, "made");
    // It "compiles" to a program that does nothing.
    const compiler = join(directory, "cc");
    writeFileSync(
      compiler,
      `#!/bin/sh\nfor file; do [ "$last" = -o ] && cp /bin/true "$file"; last=$file; done\n`,
      {
        mode: 0o755,
      },
    );
    expect(compileStage0(stage0Source, made, [compiler])).toBe(false);
    expect(readdirSync(directory).filter((name) => name.startsWith("made"))).toEqual([]);
  });

  it("is a matter of the compilers that are named", () => {
    expect(compilers).toContain("cc");
    expect(compileStage0(stage0Source, join(directory, "again"), compiles ? compilers : [])).toBe(compiles);
  });
});
