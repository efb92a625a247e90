import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleDisk } from "./bundle.js";

/*
 * A program that is out of stack gets a RangeError from the call, and the disk stays whole, at every depth.
 * Each call has a process of its own, so that it is compiled for the first time at the worst depth.
 */

const run = promisify(execFile);
let bundle: Awaited<ReturnType<typeof bundleDisk>>;
beforeAll(async () => {
  bundle = await bundleDisk();
});
afterAll(() => bundle.remove());

const PRELUDE = `
const { Disk, formatDisk, diskMemorySize, checkDisk } = require(process.argv[1]);
const size = { bytes: 1 << 22, inodes: 256 };
const byteLength = diskMemorySize(size);
const memory = { buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength };
formatDisk(memory, size);
const gate = new Int32Array(new SharedArrayBuffer(4));
const credentials = { uid: 0, gid: 0, umask: 0, cwd: 1 };
const disk = new Disk(memory, { id: 7, gate, gateIndex: 0 }, credentials);
const long = "n".repeat(200);
const bytes = new Uint8Array(20000);
const out = new Float64Array(18);
let refused = 0, done = 0;
`;

/** Makes what every call runs first hot, so that optimized code probes the stack. */
const WARM = 'for (let i = 0; i < 100000; i++) disk.stat("/", out);';

const DIVE = `
const lock = new Int32Array(memory.buffer, 0, 17);
function dive() {
  try { dive(); } catch (error) { if (!(error instanceof RangeError)) throw error; }
  let threw = false;
  try { call(); done++; } catch (error) {
    threw = true;
    if (!(error instanceof RangeError)) throw error;
    refused++;
  }
  if (lock[16] !== 0) { process.reallyExit(9); }
}
dive();
const other = new Disk(memory, { id: 8, gate, gateIndex: 0 }, credentials, { patience: 100 });
const free = other.lockHolder() === 0 && other.stat("/", out) === 0;
process.stdout.write(JSON.stringify({ free, refused: refused > 0, done: done > 100, check: checkDisk(memory) }));
`;

const CALLS: Record<string, [setup: string, call: string]> = {
  stat: ['disk.mkdir("/d", 0o755)', 'disk.stat("/d/../d/./../d", out)'],
  writeSmall: ["", 'disk.writeSmall("/" + long, 0o1101, 0o644, bytes, 20000)'],
  readSmall: ['disk.writeSmall("/f", 0o1101, 0o644, bytes, 20000)', 'disk.readSmall("/f", 0, 65536)'],
  "open, write, close": [
    "",
    'const f = disk.open("/f", 0o1102, 0o644); try { disk.write(f, bytes, 0, 20000, 60000); } finally { files.push(f); }',
  ],
  "mkdir and rmdir": ["", 'disk.mkdir("/" + long, 0o755); disk.rmdir("/" + long)'],
  "write and unlink": ["", 'disk.writeSmall("/u", 0o1101, 0o644, bytes, 9000); disk.unlink("/u")'],
  rename: [
    'disk.mkdir("/d", 0o755); disk.mkdir("/e", 0o755); disk.mkdir("/d/x", 0o755)',
    'disk.rename("/d/x", "/e/" + long); disk.rename("/e/" + long, "/d/x")',
  ],
  "link and symlink": [
    'disk.writeSmall("/f", 0o1101, 0o644, bytes, 1)',
    'disk.link("/f", "/l"); disk.unlink("/l"); disk.symlink("f", "/s"); disk.stat("/s", out); disk.unlink("/s")',
  ],
  "realpath and listing": [
    'disk.mkdir("/d", 0o755); disk.mkdir("/d/e", 0o755); var fd = disk.open("/d", 0, 0)',
    'disk.realpath("/d/e"); disk.readEntries(fd, 0)',
  ],
  copyFile: ['disk.writeSmall("/f", 0o1101, 0o644, bytes, 20000)', 'disk.copyFile("/f", "/g", 0)'],
  "changes that are watched": [
    'disk.mkdir("/d", 0o755); disk.mkdir("/e", 0o755); disk.watch("/d"); disk.watch("/e")',
    'disk.writeSmall("/d/x", 0o1101, 0o644, bytes, 9); disk.watch("/d/x"); disk.chmod("/d/x", 0o600); disk.rename("/d/x", "/e/" + long); disk.unlink("/e/" + long); disk.takeEvents()',
  ],
  "a pipe": [
    'disk.mknod("/p", 0o010644, 0); var rw = disk.open("/p", 2, 0)',
    'disk.write(rw, bytes, 0, 9000, -1); disk.read(rw, bytes, 0, 20000, -1); const f = disk.open("/p", 0o4000, 0); disk.opened(f); disk.close(f); disk.reopen(rw, 2) > 0 && disk.pathOfFile(rw)',
  ],
  metadata: [
    'disk.writeSmall("/f", 0o1101, 0o644, bytes, 1)',
    'disk.chmod("/f", 0o600); disk.chown("/f", 1, 1); disk.utimes("/f", 1.5, NaN); disk.truncate("/f", 1e6)',
  ],
};

async function dive(warm: string, setup: string, call: string): Promise<void> {
  const program = `${PRELUDE} const files = []; ${setup}; ${warm} function call() { ${call} } ${DIVE}`;
  const { stdout } = await run(process.execPath, ["-e", program, bundle.file]);
  const { check, ...rest } = JSON.parse(stdout);
  expect(rest).toEqual({ free: true, refused: true, done: true });
  expect(check).toEqual({ repaired: 0, problems: [], formatted: false });
}

describe.concurrent("at every stack depth", () => {
  for (const [name, [setup, call]] of Object.entries(CALLS)) {
    test(`${name}, cold`, () => dive("", setup, call));
    test(`${name}, after hot code`, () => dive(WARM, setup, call));
  }
});
