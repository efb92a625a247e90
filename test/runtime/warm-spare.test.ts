import { setTimeout as pause } from "node:timers/promises";
import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, expect, test } from "vitest";

/* Programs that meet a spare thread which has had the time to warm up. */

let rt: NodeRuntime;

beforeAll(async () => {
  rt = await NodeRuntime.create();
});

afterAll(() => rt.dispose());

async function execLater(code: string, env: Record<string, string> = {}) {
  await pause(150);
  return rt.exec(code, { env });
}

test.each([
  ["console.error", `console.error("text")`, "text\n"],
  ["process.stderr", `process.stderr.write("text")`, "text"],
  ["a warning", `process.emitWarning("text")`, "Warning: text\n"],
])("prints to stderr first, by %s", async (_, code, expected) => {
  expect((await execLater(code)).stderr).toContain(expected);
});

test("heeds colours that its environment asks for", async () => {
  const code = `console.log([1]); throw new Error("text")`;
  const { stdout, stderr } = await execLater(code, { FORCE_COLOR: "1" });
  expect(stdout).toBe("[ \u001b[33m1\u001b[39m ]\n");
  expect(stderr).toContain("\u001b[90m    at ");
  expect((await execLater(code)).stdout).toBe("[ 1 ]\n");
});
