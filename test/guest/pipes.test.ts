import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildGuest, TestMachine } from "./harness.js";

const S_IFIFO = 0o010000;

let source: string;
let machine: TestMachine;
beforeAll(async () => {
  source = await buildGuest();
});
beforeEach(() => {
  machine = new TestMachine(source);
  machine.disk.mknod("/tmp/p", S_IFIFO | 0o644, 0);
  machine.disk.chown("/tmp/p", 1000, 1000);
});

const prelude = `
  const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK } = fs.constants;
  const p = "/tmp/p";
  const answers = [];
  const attempt = (act) => { try { answers.push(act()) } catch (error) { answers.push(error.message) } };
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
`;

async function run(code: string): Promise<unknown> {
  const { stderr, value } = await machine.run({ code: `${prelude}\n${code}\n__return(answers);` });
  expect(stderr).toBe("");
  return value;
}

describe("a pipe with a name", () => {
  test("says what it is", async () => {
    const answers = await run(`
      const stats = fs.statSync(p);
      answers.push(stats.isFIFO(), stats.mode, stats.size, stats.blocks);
      answers.push(fs.readdirSync("/tmp", { withFileTypes: true }).map((entry) => [entry.name, entry.isFIFO()]));
      const fd = fs.openSync(p, O_RDWR);
      answers.push(fs.fstatSync(fd).isFIFO(), fs.readlinkSync("/proc/self/fd/" + fd));`);
    expect(answers).toEqual([true, 0o010644, 0, 0, [["p", true]], true, "/tmp/p"]);
  });

  test("answers at once where it was opened without waiting", async () => {
    const answers = await run(`
      attempt(() => fs.openSync(p, O_WRONLY | O_NONBLOCK));
      const reader = fs.openSync(p, O_RDONLY | O_NONBLOCK);
      attempt(() => fs.readSync(reader, Buffer.alloc(5)));
      const writer = fs.openSync(p, O_WRONLY | O_NONBLOCK);
      attempt(() => fs.readSync(reader, Buffer.alloc(5)));
      attempt(() => fs.writeSync(writer, Buffer.alloc(100_000)));
      attempt(() => fs.writeSync(writer, "x"));
      attempt(() => fs.writeSync(writer, "x", 3));
      attempt(() => fs.readSync(reader, Buffer.alloc(5), 0, 5, 3));
      attempt(() => fs.readSync(reader, Buffer.alloc(70_000)));
      await fs.promises.open(p, O_RDONLY | O_NONBLOCK).then(async (handle) => {
        await handle.read(Buffer.alloc(1)).catch((error) => answers.push(error.message));
        await handle.close();
      });
      fs.closeSync(reader);
      attempt(() => fs.writeSync(writer, "x"));
      attempt(() => fs.writeSync(writer, ""));
      attempt(() => fs.ftruncateSync(writer, 0));
      attempt(() => fs.openSync(p, "wx"));
      attempt(() => fs.readdirSync(p));
      attempt(() => fs.copyFileSync("/dev/null", p));`);
    expect(answers).toEqual([
      "ENXIO: no such device or address, open '/tmp/p'",
      0,
      "EAGAIN: resource temporarily unavailable, read",
      65_536,
      "EAGAIN: resource temporarily unavailable, write",
      "ESPIPE: invalid seek, write",
      "ESPIPE: invalid seek, read",
      65_536,
      "EAGAIN: resource temporarily unavailable, read",
      "EPIPE: broken pipe, write",
      0,
      "EINVAL: invalid argument, ftruncate",
      "EEXIST: file already exists, open '/tmp/p'",
      "ENOTDIR: not a directory, scandir '/tmp/p'",
      "EINVAL: invalid argument, copyfile '/dev/null' -> '/tmp/p'",
    ]);
  });

  test("lets the event loop go on while it waits", async () => {
    const answers = await run(`
      let turns = 0;
      const timer = setInterval(() => turns++, 1);
      const text = fs.promises.readFile(p, "utf8").then((read) => answers.push(read));
      await pause(50);
      answers.push(turns > 2);
      await fs.promises.writeFile(p, "across");
      await text;
      fs.open(p, "r", (error, reader) => {
        answers.push("reader", error);
        fs.read(reader, Buffer.alloc(10), 0, 10, null, (error, count, bytes) => {
          answers.push(bytes.toString("utf8", 0, count));
          fs.read(reader, Buffer.alloc(10), 0, 10, null, (error, count) => answers.push("end", count));
        });
      });
      await pause(20);
      answers.push("now");
      const writer = await fs.promises.open(p, "w");
      await pause(20);
      await writer.write("data");
      await pause(20);
      await writer.close();
      await pause(20);
      clearInterval(timer);`);
    expect(answers).toEqual([true, "across", "now", "reader", null, "data", "end", 0]);
  });

  test("carries more than it holds, by streams, vectors and whole files", async () => {
    const answers = await run(`
      const reader = fs.createReadStream(p);
      const writer = fs.createWriteStream(p);
      writer.write(Buffer.alloc(300_000, 66));
      writer.end("tail");
      let length = 0, last;
      for await (const chunk of reader) { length += chunk.length; last = chunk.toString().slice(-4) }
      answers.push(length, last, writer.bytesWritten);
      const [read] = await Promise.all([fs.promises.readFile(p), fs.promises.writeFile(p, Buffer.alloc(500_000, 67))]);
      answers.push(read.length, read.every((byte) => byte === 67));
      const [from, to] = await Promise.all([fs.promises.open(p, "r"), fs.promises.open(p, "w")]);
      const reading = from.readv([Buffer.alloc(2), Buffer.alloc(9)]);
      await pause(10);
      answers.push((await to.writev([Buffer.from("ab"), Buffer.from("cd")])).bytesWritten, (await reading).bytesRead);
      const large = to.writev([Buffer.alloc(60_000), Buffer.alloc(60_000)]);
      let drained = 0;
      while (drained < 120_000) drained += (await from.read(Buffer.alloc(70_000))).bytesRead;
      answers.push(drained, (await large).bytesWritten);
      await to.close();
      answers.push((await from.read(Buffer.alloc(1))).bytesRead);
      await from.close();`);
    expect(answers).toEqual([300_004, "tail", 300_004, 500_000, true, 4, 4, 120_000, 120_000, 0]);
  });

  test("connects processes that stop for each other", async () => {
    const reading = run(`
      const fd = fs.openSync(p, "r");
      let text = "";
      for (let count, bytes = Buffer.alloc(1000); (count = fs.readSync(fd, bytes)) > 0; ) text += bytes.toString("utf8", 0, count);
      answers.push(text.length, text.slice(-3));
      answers.push(fs.readFileSync(p, "utf8"));`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await run(`
      const fd = fs.openSync(p, "w");
      answers.push(fs.writeSync(fd, "x".repeat(200_000)), fs.writeSync(fd, "end"));
      fs.closeSync(fd);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      fs.writeFileSync(p, "whole");`);
    expect(await reading).toEqual([200_003, "end", "whole"]);
  });

  test("does not hold up a process that is waited for by nobody", async () => {
    const { exitCode, stdout } = await machine.run({
      code: `fs.promises.readFile("/tmp/p"); setTimeout(() => { console.log("bye"); process.exit(3) }, 20);`,
    });
    expect([exitCode, stdout]).toEqual([3, "bye\n"]);
  });

  test("keeps a process alive that waits for it", async () => {
    const waiting = machine.run({
      code: `fs.open("/tmp/p", "r", (error, fd) => console.log("opened", error));`,
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    const file = machine.disk.open("/tmp/p", 1, 0);
    expect((await waiting).stdout).toBe("opened null\n");
    machine.disk.close(file);
  });

  test("is no matter of what a program has changed", async () => {
    const answers = await run(`
      const { then } = Promise.prototype;
      const seen = [];
      Promise.prototype.then = function (...args) { seen.push(String(this)); return then.apply(this, args) };
      Atomics.waitAsync = () => { throw new Error("no") };
      Atomics.wait = () => { throw new Error("no") };
      Atomics.notify = () => 0;
      Array.prototype.push = () => { throw new Error("no") };
      const done = new Promise((resolve) => fs.readFile(p, "utf8", (error, text) => resolve(text)));
      setTimeout(() => fs.writeFile(p, "fine", () => {}), 10);
      answers[0] = await done;`);
    expect(answers).toEqual(["fine"]);
  });
});

test("a pipe is not copied", async () => {
  const answers = await run(`
    fs.mkdirSync("d");
    fs.symlinkSync(p, "d/p");
    fs.writeFileSync("d/f", "1");
    attempt(() => fs.cpSync(p, "x"));
    await fs.promises.cp(p, "x").catch((error) => answers.push(error.message));
    attempt(() => { fs.cpSync("d", "e", { recursive: true, dereference: true }); return fs.readdirSync("e") });
    await fs.promises.cp("d", "g", { recursive: true, dereference: true }).catch((error) => answers.push(error.message));`);
  expect(answers).toEqual([
    "Cannot copy a FIFO pipe: x",
    "Cannot copy a FIFO pipe: cp returned EINVAL (cannot copy a FIFO pipe: x) x",
    ["f"],
    "Cannot copy a FIFO pipe: cp returned EINVAL (cannot copy a FIFO pipe: g/p) g/p",
  ]);
});
