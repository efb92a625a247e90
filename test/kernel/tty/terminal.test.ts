import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bundleGuest, MiB, TestMachine } from "../harness.js";

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

const [ESRCH, ENXIO, EAGAIN] = [-3, -6, -11];

const terminal = { terminal: { columns: 80, rows: 24 } };

/** In a guest: reads from the terminal, waiting for it. */
const prelude = `
  const text = (count) => count < 0 ? String(count) : Buffer.from(sys.channel.reply.slice(0, count)).toString();
  const now = (most = 1000) => sys.channel.call(sys.SYS_TTY_READ, most, 0);
  const read = (most) => { sys.channel.call(sys.SYS_TTY_WAIT, 0, 0); return text(now(most)); };
  const show = (words) => sys.channel.post(sys.SYS_WRITE, 0, 0, Buffer.from(words));
`;

async function until({ output }: ReturnType<TestMachine["start"]>, wanted: string): Promise<void> {
  await expect.poll(() => output.map(([, piece]) => piece).join("")).toContain(wanted);
}

test("what is typed is read, and what is written is shown", async () => {
  const running = machine.start(
    `${prelude} show(JSON.stringify(read(3)) + "\\n"); show(JSON.stringify([read(), now()])); sys.exit(0)`,
    terminal,
  );
  void running.call.writeStdin(Buffer.from("hello\r"));
  const { stdout, stderr } = await running.ended;
  expect([stdout, stderr]).toEqual([`hello\r\n"hel"\r\n["lo\\n",${EAGAIN}]`, ""]);
});

test("a thread is told once that there is something to read", async () => {
  const running = machine.start(
    `${prelude}
     sys.port.ref();
     let told = 0;
     sys.port.on("message", ({ t }) => {
       if (t !== "terminal") return;
       told++;
       if (read() === "end\\n") { show("told " + told); sys.exit(0); }
       sys.channel.post(sys.SYS_TTY_LISTEN, 0, 0);
     });
     sys.channel.post(sys.SYS_TTY_LISTEN, 0, 0);
     sys.channel.post(sys.SYS_TTY_LISTEN, 0, 0);
     show("ready");`,
    terminal,
  );
  await until(running, "ready");
  void running.call.writeStdin(Buffer.from("a\r"));
  await until(running, "a\r\n");
  void running.call.writeStdin(Buffer.from("end\r"));
  expect((await running.ended).stdout).toContain("told 2");
});

test("keys send signals to the process, which ends with them", async () => {
  const running = machine.start(`${prelude} show("ready"); read()`, terminal);
  await until(running, "ready");
  void running.call.writeStdin(Buffer.from("\x03"));
  expect(await running.ended).toMatchObject({
    exitCode: 130,
    signal: "SIGINT",
    termination: null,
    stdout: "ready^C",
  });
});

test("a size is told, and its change", async () => {
  const running = machine.start(
    `${prelude} const size = () => { const n = sys.channel.call(sys.SYS_TTY_SIZE, 0, 0); return (n >>> 16) + "x" + (n & 65535); };
     show(size()); read(); show(size()); sys.exit(0)`,
    terminal,
  );
  await until(running, "80x24");
  running.call.resize({ columns: 100, rows: 30 });
  void running.call.writeStdin(Buffer.from("\r"));
  expect((await running.ended).stdout).toBe("80x24\r\n100x30");
});

test("raw mode is over with the process that asked for it", async () => {
  const running = machine.start(
    `${prelude} const raw = sys.channel.call(sys.SYS_TTY_MODE, 1, 0);
     show("raw " + raw); show(JSON.stringify(read())); sys.channel.call(sys.SYS_TTY_MODE, 0, 0); show(JSON.stringify(read())); sys.exit(0)`,
    terminal,
  );
  await until(running, "raw 0");
  void running.call.writeStdin(Buffer.from("\x03"));
  await until(running, '"\\u0003"');
  void running.call.writeStdin(Buffer.from("ab\x7f\r"));
  expect((await running.ended).stdout).toContain('"a\\n"');
});

test("a terminal that is gone hangs up", async () => {
  const { call, ended } = machine.start(`${prelude} show(JSON.stringify(read())); sys.exit(0)`, terminal);
  call.endStdin();
  // The signal or the end of the file, whichever is first.
  expect([0, 129]).toContain((await ended).exitCode);
});

test("what nobody reads stays with the host", async () => {
  const running = machine.start(
    `${prelude} show("ready"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`,
    terminal,
  );
  await until(running, "ready");
  const sent = running.call.writeStdin(Buffer.alloc(8 * MiB, "line\r"));
  expect(await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, 200, "held"))])).toBe("held");
  running.call.kill(9, "killed");
  await running.ended;
});

describe("a hostile guest", () => {
  test("without a terminal finds none", async () => {
    const { stdout } = await machine.run(
      `const { channel } = sys;
       channel.post(sys.SYS_TTY_LISTEN, 0, 0);
       channel.post(sys.SYS_WRITE, 0, 0, Buffer.from("nowhere"));
       sys.write(1, JSON.stringify([sys.SYS_TTY_READ, sys.SYS_TTY_WAIT, sys.SYS_TTY_SIZE, sys.SYS_TTY_MODE].map((nr) => channel.call(nr, 1, 1))));
       sys.exit(0)`,
    );
    expect(stdout).toBe(JSON.stringify([ENXIO, ENXIO, ENXIO, ENXIO]));
  });

  test("gets nothing by odd numbers, and takes nothing from others", async () => {
    const running = machine.start(
      `${prelude}
       show("ready"); read(1);
       const odd = [NaN, -1, 0, 0.5, 2 ** 40, Infinity, -Infinity].map((most) => text(now(most)));
       for (const nr of [sys.SYS_TTY_READ, sys.SYS_TTY_WAIT, sys.SYS_TTY_SIZE, sys.SYS_TTY_MODE]) sys.channel.post(nr, NaN, NaN);
       for (let i = 0; i < 10_000; i++) sys.channel.post(sys.SYS_TTY_LISTEN, i, i);
       for (const group of [NaN, -1, 0.5, 1, 2 ** 40, Infinity]) odd.push(sys.channel.call(sys.SYS_TTY_FOREGROUND, group, 0) === ${ESRCH} ? "" : "taken");
       show(odd.join("") + ":" + now()); sys.exit(0)`,
      terminal,
    );
    await until(running, "ready");
    void running.call.writeStdin(Buffer.from("abcdefgh\r"));
    const { stdout } = await running.ended;
    // One byte is read each time, by the call that nobody waits for too, and none twice.
    expect(stdout).toBe(`readyabcdefgh\r\nbcdefgh:${EAGAIN}`);
  });

  test("that writes over its page is ended alone", async () => {
    const running = machine.start(
      `${prelude} show("ready"); read(1);
       new Int32Array(sys.threadPage).fill(-1); sys.port.postMessage(0); for (;;);`,
      { ...terminal, timeout: 5000 },
    );
    await until(running, "ready");
    void running.call.writeStdin(Buffer.from("x\r"));
    expect((await running.ended).exitCode).toBeGreaterThan(0);
    expect(await machine.run("sys.exit(7)")).toMatchObject({ exitCode: 7 });
  });

  test("in a session of its own can't reach the terminal of another", async () => {
    const running = machine.start(`${prelude} show("ready"); show(read()); sys.exit(0)`, terminal);
    await until(running, "ready");
    const { stdout } = await machine.run(
      `sys.write(1, String(sys.channel.call(sys.SYS_TTY_MODE, 1, 0))); sys.channel.post(sys.SYS_WRITE, 0, 0, Buffer.from("intruder")); sys.exit(0)`,
    );
    expect(stdout).toBe(String(ENXIO));
    void running.call.writeStdin(Buffer.from("own\r"));
    expect((await running.ended).stdout).toBe("readyown\r\nown\r\n");
  });
});
