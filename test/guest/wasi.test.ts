import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { plainNode } from "../programs/plain-node.js";
import { buildGuest, TestMachine } from "./harness.js";
import { wasiScript } from "./wasi-script.js";

let machine: TestMachine;
beforeAll(async () => {
  machine = new TestMachine(await buildGuest());
});
const env = { NODE_NO_WARNINGS: "1" };

describe("WASI", () => {
  it("answers as plain Node's does", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "wasi-"));
    try {
      const options = { cwd, env, input: "", encoding: "utf8" } as const;
      const plain = spawnSync(plainNode, ["--input-type=module", "-e", wasiScript], options);
      const found = await machine.run({ code: wasiScript, env });
      expect(found.stdout.split("\n")).toEqual(plain.stdout.split("\n"));
      expect([found.stderr, found.exitCode]).toEqual([plain.stderr, plain.status]);
    } finally {
      rmSync(cwd, { recursive: true });
    }
  });

  it("runs a WebAssembly program that prints, from a memory that threads share too", async () => {
    // (import fd_write) (memory 1) (data "\08\00\00\00\03\00\00\00hi\n") (_start calls fd_write(1, 0, 1, 20))
    const program =
      "0061736d01000000010c0260047f7f7f7f017f600000022301167761736" +
      "95f736e617073686f745f70726576696577310866645f77726974650000030201010503010001071302066d656d6f7279" +
      "0200065f737461727400010a0f010d00410141004101411410001a0b0b11010041000b0b080000000300000068690a";
    const code = `
      import { WASI } from "node:wasi";
      const wasi = new WASI({ version: "preview1" });
      const { instance } = await WebAssembly.instantiate(Buffer.from("${program}", "hex"), wasi.getImportObject());
      wasi.start(instance);
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
      const shared = new WASI({ version: "preview1", preopens: { "/": "/" } });
      shared.initialize({ exports: { memory } });
      const bytes = Buffer.from(memory.buffer);
      bytes.write("etc/motd", 1000);
      const w = shared.wasiImport;
      const open = w.path_open(3, 0, 1000, 8, 0, 2n, 0n, 0, 0);
      bytes.writeUInt32LE(100, 16);
      bytes.writeUInt32LE(50, 20);
      console.log(open, w.fd_read(bytes.readUInt32LE(0), 16, 1, 24), bytes.toString("utf8", 100, 100 + bytes.readUInt32LE(24)));`;
    machine.disk.mkdir("/etc", 0o755);
    const text = Buffer.from("a shared view");
    machine.disk.writeSmall("/etc/motd", 0o101, 0o644, text, text.length);
    const { stdout, stderr } = await machine.run({ code, env });
    expect([stdout, stderr]).toEqual(["hi\n0 0 a shared view\n", ""]);
  });

  it("bears whatever it is called with, and leaves what lies outside alone", async () => {
    const code = `
      import fs from "node:fs";
      import { WASI } from "node:wasi";
      fs.mkdirSync("fuzz" + process.argv[1]);
      process.chdir("fuzz" + process.argv[1]);
      fs.mkdirSync("below");
      fs.writeFileSync("beside", "untouched");
      fs.symlinkSync("../beside", "below/out");
      const own = () => fs.openSync("below/stream", "a+");
      const memory = new WebAssembly.Memory({ initial: 1 });
      let wasi;
      function begin() {
        for (let fd = 3; fd < 200; fd++) try { fs.closeSync(fd) } catch {}
        wasi = new WASI({ version: "preview1", args: ["x"], preopens: { "/a": "below", ".": "below" }, stdin: own(), stdout: own(), stderr: own() });
        wasi.initialize({ exports: { memory } });
      }
      begin();
      const bytes = Buffer.from(memory.buffer);
      let seed = Number(process.argv[1]);
      const random = (n) => ((seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 8) % n;
      const texts = ["../beside", "out", "/a/../../beside", "/etc/passwd", "..", "x/../../beside", "f"];
      const names = Object.keys(wasi.wasiImport).filter((name) => !["proc_exit", "proc_raise", "poll_oneoff"].includes(name));
      const strange = [-1, 1.5, NaN, "1", 2 ** 32, null, {}, { valueOf() { throw 1 } }];
      const errnos = new Set();
      for (let i = 0; i < 30000; i++) {
        const name = names[random(names.length)];
        bytes.write(texts[random(texts.length)], 256);
        for (let at = 0; at < 64; at += 4) bytes.writeUInt32LE(random(3) ? random(512) : random(2 ** 31) * 2, at);
        const args = Array.from({ length: wasi.wasiImport[name].length }, () => random(40) === 0 ? strange[random(8)] : [random(8), 256, random(20), random(66000), 4294967295 - random(9)][random(5)]);
        if (name.startsWith("path_") && random(2)) { const at = args.length > 4 && name !== "path_rename" ? 2 : 1; args[0] = 3; args[at] = 256; args[at + 1] = 9 }
        let answer = wasi.wasiImport[name](...args);
        if (answer === 28) answer = wasi.wasiImport[name](...args.map((value, at) => typeof value === "number" && random(2) ? BigInt(Math.trunc(value) || 0) : value));
        if (!Number.isInteger(answer) || answer < 0 || answer > 76) throw new Error(name + " " + answer);
        errnos.add(answer);
        if (i % 100 === 0) begin();
      }
      console.log([...errnos].length > 8 || errnos, fs.readFileSync("beside", "latin1"), fs.readdirSync(".").sort());`;
    for (const seed of ["1", "20", "300"]) {
      const { stdout, stderr } = await machine.run({ code, env, args: [seed] });
      expect([stdout, stderr]).toEqual(["true untouched [ 'below', 'beside' ]\n", ""]);
    }
  });
});
