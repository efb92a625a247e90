// needs: mocha
import { writeFileSync } from "node:fs";

const log = console.log; // Times differ from run to run.
console.log = (...args) =>
  log(
    ...args.map((x) => (typeof x === "string" ? x.replaceAll(process.cwd(), "").replace(/\d+ms/, "Nms") : x)),
  );
const { default: Mocha } = await import("mocha");
writeFileSync(
  "a.test.cjs",
  "const assert = require('node:assert'); describe('sync', () => { it('passes', () => {}); it('fails', () => assert.deepStrictEqual({ a: 1 }, { a: 2 })); it.skip('skipped'); });",
);
writeFileSync(
  "b.test.mjs",
  "describe('async', () => { before(async () => { await null }); it('waits', async function () { this.slow(10_000); await new Promise((r) => setTimeout(r, 5)); }); it('times out', function (done) { this.timeout(10); }); });",
);
const mocha = new Mocha({ reporter: "spec", color: false, timeout: 1000 });
mocha.addFile("a.test.cjs");
mocha.addFile("b.test.mjs");
await mocha.loadFilesAsync();
const failures = await new Promise((resolve) => mocha.run(resolve));
process.exitCode = failures;
