// The host side on the Node that the user has, at least 20.19: the rest of the suite runs on a newer one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { NodeRuntime } from "secure-exec";

test("runs on the machine's own Node", () => {
  assert.equal(process.execPath, process.env.npm_node_execpath ?? process.execPath);
  assert.ok(!process.execPath.includes("node_modules"));
});

test("a run hands back output, exit code and value", async () => {
  const runtime = await NodeRuntime.create();
  try {
    const result = await runtime.run(
      "console.log(process.version); console.error('e'); __return({ a: [1, 2] })",
    );
    assert.equal(result.stdout, "v26.10.0\n");
    assert.equal(result.stderr, "e\n");
    assert.equal(result.exitCode, 0);
    assert.deepEqual(result.value, { a: [1, 2] });
  } finally {
    await runtime.dispose();
  }
});

test("files, standard input, environment and working directory", async () => {
  const runtime = await NodeRuntime.create({
    env: { A: "1" },
    files: { "/home/user/in.txt": "from the host" },
  });
  try {
    const code = `
      import fs from "node:fs";
      fs.writeFileSync("out.txt", fs.readFileSync("/home/user/in.txt", "utf8").toUpperCase());
      process.stdin.setEncoding("utf8");
      for await (const text of process.stdin) console.log(text, process.env.A, process.env.B, process.cwd());`;
    const result = await runtime.exec(code, { stdin: "typed", env: { B: "2" }, cwd: "/tmp" });
    assert.equal(result.stdout, "typed 1 2 /tmp\n");
    assert.equal(await runtime.readFile("/tmp/out.txt", "utf8"), "FROM THE HOST");
  } finally {
    await runtime.dispose();
  }
});

test("a loop is answered with 124, the runtime lives on", async () => {
  const runtime = await NodeRuntime.create();
  try {
    const result = await runtime.exec("console.log('before'); while (true) {}", { timeout: 200 });
    assert.equal(result.exitCode, 124);
    assert.equal(result.stdout, "before\n");
    assert.equal(result.termination.reason, "timeout");
    assert.equal((await runtime.exec("console.log(1)")).stdout, "1\n");
  } finally {
    await runtime.dispose();
  }
});

test("a killed machine is revived on the same disk", async () => {
  const runtime = await NodeRuntime.create();
  try {
    await runtime.writeFile("/home/user/kept.txt", "kept");
    const result = await runtime.exec("'ab'.repeat(1e8).split('')", { timeout: 20_000 });
    assert.notEqual(result.exitCode, 0);
    assert.equal(await runtime.readFile("/home/user/kept.txt", "utf8"), "kept");
  } finally {
    await runtime.dispose();
  }
});

test("many runtimes at once", async () => {
  const values = await Promise.all(
    Array.from({ length: 6 }, async (_, index) => {
      const runtime = await NodeRuntime.create();
      try {
        return (await runtime.run(`__return(${index} * 2)`)).value;
      } finally {
        await runtime.dispose();
      }
    }),
  );
  assert.deepEqual(values, [0, 2, 4, 6, 8, 10]);
});
