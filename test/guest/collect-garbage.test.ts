import { beforeAll, expect, test } from "vitest";
import { buildGuest, TestMachine } from "./harness.js";

let source: string;
beforeAll(async () => {
  source = await buildGuest();
});

/** Says what is left of garbage after the kernel has told the guest to collect it. */
const program = `
  const held = { bytes: new Array(1000).fill("held") };
  const garbage = new WeakRef({ bytes: new Array(1000).fill("garbage") });
  const kept = new WeakRef(held);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  console.log("rest");
  const end = Date.now() + 10_000;
  for (let there = true; there && Date.now() < end; there = garbage.deref() !== undefined)
    await new Promise((resolve) => setTimeout(resolve, 5));
  console.log("after", garbage.deref() !== undefined, kept.deref() === held);
  console.log("modules", process.moduleLoadList.filter((name) => name.includes("heap_utils")).length);
`;

test("a guest that rests gives up its garbage, and nothing else", async () => {
  const guest = new TestMachine(source).boot();
  await guest.ready;
  guest.onOutput = (text) => {
    if (text === "rest\n") guest.send({ t: "rest" });
  };
  const { stdout, stderr } = await guest.run({ code: program });
  expect(stderr).toBe("");
  expect(stdout).toBe("rest\nafter false true\nmodules 0\n");
});
