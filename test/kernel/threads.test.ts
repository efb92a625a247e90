import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleGuest, TestMachine } from "./harness.js";

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

/** In a guest: asks for a thread as the boot does. */
const ask = `
  const wish = { execArgv: null, env: null, isCopy: false, limits: [-1, -1, -1, -1] };
  const thread = (id, text = JSON.stringify(wish)) => sys.channel.call(sys.SYS_THREAD, id, 0, Buffer.from(text));
  const replied = () => Buffer.from(sys.channel.reply.slice(0, sys.channel.replyLength)).toString();
`;

describe("a guest's threads", () => {
  it("are made where the wish is one, each number once", async () => {
    const { stdout, exitCode } = await machine.run(`${ask}
      const bad = ["", "1", "null", "{}", "[]", '{"execArgv":[1],"env":null,"limits":[]}', '{"execArgv":null,"env":{"A":1},"limits":[]}',
        '{"execArgv":null,"env":null,"limits":1}', "x".repeat(65536)].map((text) => thread(1, text));
      sys.write(1, JSON.stringify([bad, thread(1), thread(1), thread(2), thread(NaN), thread(1.5), thread(Infinity)]));
      sys.exit(3);`);
    expect(JSON.parse(stdout)).toEqual([Array(9).fill(-22), 0, -22, 0, -22, -22, -22]);
    expect(exitCode).toBe(3);
  });

  it("are refused options as Node refuses them", async () => {
    const { stdout } = await machine.run(`${ask}
      const texts = [{ execArgv: ["--bogus", "--title=x"] }, { env: { NODE_OPTIONS: "--expose-internals" } }];
      sys.write(1, JSON.stringify(texts.map((text) => [thread(1, JSON.stringify({ ...wish, ...text })), JSON.parse(replied())])));
      sys.exit(0);`);
    expect(JSON.parse(stdout)).toEqual([
      [-22, { complaints: ["--bogus", "--title=x"], inEnvironment: false }],
      [-22, { complaints: ["--expose-internals is not allowed in NODE_OPTIONS"], inEnvironment: true }],
    ]);
  });

  it("that were never connected end with their process", async () => {
    const { exitCode } = await machine.run(`${ask} thread(1); thread(2); sys.exit(4);`);
    expect(exitCode).toBe(4);
    expect((await machine.run("sys.write(1, 'on'); sys.exit(0)")).stdout).toBe("on");
  });

  it("are nobody else's, whatever is asked and sent", async () => {
    const { stdout, exitCode } = await machine.run(`${ask}
      const { MessageChannel } = require("node:worker_threads");
      sys.channel.post(sys.SYS_THREAD_STOP, 7, 0);
      const loop = sys.channel.call(sys.SYS_THREAD_LOOP, 7, 0);
      const { port1 } = new MessageChannel();
      for (const message of [null, 1, "x", { t: "thread" }, { t: "thread", id: 7 }, { t: "ask", id: 7, question: 1, what: "heap" }, { t: "start" },
        { t: "threadEnd", id: 1 }, { t: {} }, [], new Map(), { t: "thread", id: { toString: 1 } }]) sys.port.postMessage(message);
      sys.port.postMessage({ t: "thread", id: 7, port: port1 }, [port1]);
      thread(1);
      sys.port.postMessage({ t: "thread", id: 1, port: "none" });
      sys.write(1, JSON.stringify([loop, sys.channel.call(sys.SYS_THREAD_LOOP, 1, 0), sys.channel.replyLength]));
      sys.exit(5);`);
    expect(JSON.parse(stdout)).toEqual([-3, 16, 16]);
    expect(exitCode).toBe(5);
  });

  it("leave the kernel responsive while they are made and ended", async () => {
    const { exitCode } = await machine.run(`${ask}
      for (let i = 1; i <= 40; i++) { thread(i); sys.channel.post(sys.SYS_THREAD_STOP, i, 0); }
      sys.exit(6);`);
    expect(exitCode).toBe(6);
  });
});
