import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { bundleGuest, TestMachine } from "../harness.js";

let source = "";
let machine: TestMachine;
beforeAll(async () => {
  source = await bundleGuest();
});
beforeEach(async () => {
  machine = new TestMachine(source);
  await machine.configured;
});
afterEach(() => expect(machine.breach).toBe(null));

const numbers = "[NaN, -1, 0, 1, 2, 2.5, 3, 4, 5, 6, 64, 1e9, -1e9, 2 ** 31, 2 ** 53, Infinity, -Infinity]";

it("no arguments of a call break the kernel, or get at files of others", async () => {
  const { stdout, exitCode, stuck } = await machine.run(`
    const numbers = ${numbers};
    const names = [
      new Uint8Array(0), new Uint8Array(1), new Uint8Array(4), new Uint8Array(65536).fill(255),
      Buffer.from([4, 255, 0, 0, 49]), Buffer.from([4, 3, 1, 1, 120, 121, 122]), Buffer.from([9, 0, 0, 0]),
      Buffer.from([1, 3, 0, 0, 45, 49, 46]), Buffer.from([2, 0, 0, 0]),
      Buffer.concat([Buffer.from([4, 9, 144, 31]), Buffer.from("127.0.0.1")]),
      Buffer.concat([Buffer.from([6, 9, 144, 31]), Buffer.from("127.0.0.1")]),
      Buffer.concat([Buffer.from([6, 5, 144, 31]), Buffer.from("::1%%")]),
    ];
    const file = sys.disk.open("/tmp/mine", 0o102, 0o600);
    const mine = sys.files.alloc(file);
    let calls = 0;
    for (const a of numbers) for (const b of numbers) for (const bytes of names) {
      for (const nr of [sys.SYS_BIND, sys.SYS_LISTEN, sys.SYS_SEND]) {
        const result = sys.channel.call(nr, a, b, bytes);
        if (nr === sys.SYS_BIND && result >= 0) sys.disk.close(sys.files.free(result));
        calls++;
      }
      // A descriptor that it names is the kernel's from then on: all but what it has for itself.
      if (a !== mine && !(a >= 0 && a <= 3)) sys.channel.post(sys.SYS_CONNECT, a, b, bytes);
      sys.channel.post(sys.SYS_UNBOUND, a, b, bytes);
    }
    sys.write(1, String(calls > 5000) + " " + (sys.disk.write(file, Buffer.from("x"), 0, 1, 0)));
  `);
  expect({ stdout, exitCode, stuck }).toEqual({ stdout: "true 1", exitCode: 0, stuck: null });
});

it("a socket's state may say anything", async () => {
  const { stdout } = await machine.run(`
    const ends = new Int32Array(2);
    const name = Buffer.concat([Buffer.from([4, 9, 144, 31]), Buffer.from("127.0.0.1")]);
    const server = sys.channel.call(sys.SYS_BIND, 3, 0, name);
    sys.channel.call(sys.SYS_LISTEN, server, 5);
    const { session } = sys.disk;
    const stat = new Float64Array(18);
    const spoil = (fd) => {
      sys.disk.fstat(sys.files.get(fd), stat);
      const block = session.words[session.inodeBase + stat[7] * 32 + 16];
      for (let i = 0; i < 12; i++) session.words[session.dataWordBase + block * 1024 + i] = random();
    };
    let seed = 7;
    const random = () => ((seed = (seed * 1103515245 + 12345) | 0), seed % 3 === 0 ? seed >>> 28 : seed);
    for (let round = 0; round < 300; round++) {
      if (sys.disk.sockets.pair(ends, 1) < 0) break;
      const [near, far] = [sys.files.alloc(ends[0]), sys.files.alloc(ends[1])];
      spoil(near);
      if (round % 2 === 0) spoil(far);
      if (round > 100) spoil(server);
      sys.channel.post(sys.SYS_CONNECT, far, -1, name);
      sys.channel.call(sys.SYS_LISTEN, server, 5);
      sys.disk.close(sys.files.free(near));
    }
    sys.write(1, "alive");
  `);
  expect(stdout).toBe("alive");
  const { stdout: after } = await machine.run(`sys.write(1, "well")`);
  expect(after).toBe("well");
});

it("sockets without end are too many open files, and the next process has all of them again", async () => {
  const code = `
    const name = Buffer.concat([Buffer.from([4, 9, 0, 0]), Buffer.from("127.0.0.1")]);
    let count = 0;
    let result;
    while ((result = sys.channel.call(sys.SYS_BIND, 3, 0, name)) >= 0) count++;
    sys.write(1, count + " " + result);`;
  expect((await machine.run(code)).stdout).toBe("61 -24");
  expect((await machine.run(code)).stdout).toBe("61 -24");
});

it("a flood of connections that nobody takes is refused at some point, and given back", async () => {
  const flood = machine.start(`
    const name = Buffer.concat([Buffer.from([4, 9, 144, 31]), Buffer.from("127.0.0.1")]);
    const server = sys.channel.call(sys.SYS_BIND, 3, 0, name);
    sys.channel.call(sys.SYS_LISTEN, server, 2);
    const ends = new Int32Array(2);
    let made = 0;
    for (; made < 6000 && sys.disk.sockets.pair(ends, 1) === 0; made++) {
      const far = sys.files.alloc(ends[1]);
      sys.channel.post(sys.SYS_CONNECT, far, -1, name);
      sys.disk.close(ends[0]);
      sys.channel.call(sys.SYS_LISTEN, -1, 0);
    }
    sys.write(1, String(made > 500));
  `);
  expect(await flood.ended).toMatchObject({ exitCode: 0, stdout: "true" });
  const { stdout } = await machine.run(`
    const ends = new Int32Array(2);
    sys.write(1, String(sys.disk.sockets.pair(ends, 1)));`);
  expect(stdout).toBe("0");
});
