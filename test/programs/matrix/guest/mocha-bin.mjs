// needs: mocha
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

writeFileSync(
  "a.test.cjs",
  "describe('a', () => { it('passes', () => {}); it('fails', () => { throw new Error('deliberately') }) })",
);
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  ["node_modules/mocha/bin/mocha.js", "a.test.cjs"],
  { encoding: "utf8" },
);
console.log(status, stdout.replace(/\(\d+ms\)/g, "(Nms)"), stderr);
const parallel = spawnSync(
  process.execPath,
  ["node_modules/mocha/bin/mocha.js", "--parallel", "--jobs", "2", "a.test.cjs"],
  { encoding: "utf8" },
);
console.log(parallel.status, parallel.stdout.replace(/\(\d+ms\)/g, "(Nms)"), parallel.stderr);
