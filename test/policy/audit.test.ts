import { type AuditEvent, NodeRuntime } from "secure-exec";
import { describe, expect, test } from "vitest";
import { AUDIT_BURST, RateLimit } from "../../src/policy/audit.js";

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 5000; !condition() && Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test("refusals are told with their rule, from the machine", async () => {
  const events: AuditEvent[] = [];
  await using rt = await NodeRuntime.create({
    permissions: {
      fs: {
        default: "allow",
        rules: [
          { mode: "allow", paths: ["/tmp"] },
          { mode: "deny", paths: ["/secret"] },
        ],
      },
      env: { rules: [{ mode: "allow", operations: ["read"] }] },
      process: "deny",
    },
    onAudit: (event) => events.push(event),
  });
  const begun = Date.now();
  await rt.exec(`
    import fs from "node:fs";
    for (const work of [
      () => fs.readFileSync("/tmp/../secret/é"),
      () => fs.rmdirSync("/secret"),
      () => fs.readFileSync("/secret/" + "n".repeat(255) + "/" + "m".repeat(255) + ("/" + "o".repeat(250)).repeat(6)),
      () => { process.env.A = 1 },
      () => process.chdir("/tmp"),
      () => fs.readFileSync("/tmp/missing"),
    ]) try { work() } catch {}
  `);
  await until(() => events.length >= 5);
  const common = { origin: "machine", decision: "deny", suppressed: 0 };
  expect(events.map(({ time: _, ...event }) => event)).toEqual([
    { ...common, scope: "fs", operation: "read", resource: "/secret/é", rule: "fs.rules[1]" },
    { ...common, scope: "fs", operation: "delete", resource: "/secret", rule: "fs.rules[1]" },
    {
      ...common,
      scope: "fs",
      operation: "read",
      resource: expect.stringMatching(/^\/secret\/n.{1014}…$/u),
      rule: "fs.rules[1]",
    },
    { ...common, scope: "env", operation: "write", resource: "A", rule: null },
    { ...common, scope: "process", operation: "chdir", resource: "/tmp", rule: null },
  ]);
  for (const { time } of events) expect(time).toBeGreaterThanOrEqual(begun);
});

test("a program that is refused all the time floods nobody", async () => {
  const events: AuditEvent[] = [];
  await using rt = await NodeRuntime.create({
    permissions: { fs: "deny" },
    onAudit: (event) => events.push(event),
  });
  const flood = `import fs from "node:fs";
    for (let i = 0; i < 20000; i++) fs.existsSync("/tmp/" + i);
    const end = Date.now() + 100;
    while (Date.now() < end);
    fs.existsSync("/tmp/last");`;
  expect((await rt.exec(flood)).exitCode).toBe(0);
  await rt.exec(
    `await new Promise((done) => setTimeout(done, 200)); process.getBuiltinModule("fs").existsSync("/end")`,
  );
  await until(() => events.at(-1)?.resource === "/end");
  // What came in those seconds, at 50 each, and at once.
  expect(events.length).toBeLessThan(AUDIT_BURST + 400);
  const told = events.reduce((sum, { suppressed }) => sum + suppressed, events.length);
  expect(told).toBeGreaterThanOrEqual(20_000);
});

test("nobody who listens, nothing is told; who throws, undoes nothing", async () => {
  await using quiet = await NodeRuntime.create({ permissions: { fs: "deny" } });
  expect((await quiet.exec(`process.getBuiltinModule("fs").existsSync("/")`)).exitCode).toBe(0);

  const thrown: unknown[] = [];
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => thrown.push(error));
  try {
    await using rt = await NodeRuntime.create({
      permissions: { fs: "deny" },
      onAudit: () => {
        throw new Error("of the listener");
      },
    });
    expect((await rt.exec(`process.getBuiltinModule("fs").existsSync("/")`)).exitCode).toBe(0);
    await until(() => thrown.length > 0);
    expect(String(thrown[0])).toBe("Error: of the listener");
    expect((await rt.exec(`console.log(1)`)).stdout).toBe("1\n");
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  }
});

test("rules without effect are warned of, by name", async () => {
  const warnings: Error[] = [];
  const listener = (warning: Error): void => {
    warnings.push(warning);
  };
  process.on("warning", listener);
  try {
    await using _ = await NodeRuntime.create({
      permissions: { fs: { default: "allow", rules: [{ mode: "deny", paths: ["secret/**"] }] } },
    });
    await until(() => warnings.length > 0);
  } finally {
    process.off("warning", listener);
  }
  expect(warnings.map(({ name, message }) => ({ name, message }))).toEqual([
    {
      name: "SecureExecWarning",
      message: "permissions.fs.rules[0] never decides: none of its patterns can match an absolute path",
    },
  ]);
  expect((warnings[0] as Error & { code?: string }).code).toBe("SECURE_EXEC_RULE_WITHOUT_EFFECT");
});

describe("what comes of permissions on the mission's page", () => {
  test("the network can be allowed, and what is left out keeps its default", async () => {
    await using rt = await NodeRuntime.create({ permissions: { network: "allow" }, env: { A: "1" } });
    const { stdout } = await rt.exec(`
      import fs from "node:fs";
      fs.writeFileSync("a", process.env.A);
      process.chdir("/tmp");
      console.log(fs.readFileSync("/home/user/a", "utf8"), process.umask(0));
    `);
    expect(stdout).toBe("1 18\n");
  });

  test("rules on fs tighten it", async () => {
    await using rt = await NodeRuntime.create({
      permissions: {
        fs: {
          default: "allow",
          rules: [{ mode: "deny", operations: ["write", "create"], paths: ["/home/user/fixed"] }],
        },
      },
      files: { "/home/user/fixed/a": "a" },
    });
    const { stderr, exitCode } = await rt.exec(`
      import { readFileSync, writeFileSync } from "node:fs";
      writeFileSync("b", readFileSync("fixed/a"));
      writeFileSync("fixed/a", "b");
    `);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("Error: EACCES: permission denied, open 'fixed/a'");
    expect(await rt.readFile("/home/user/b", "utf8")).toBe("a");
  });
});

test("so many at once, then so many a second", () => {
  const limit = new RateLimit(3, 10, 0);
  const passed = [0, 0, 0, 0, 50, 100, 150, 200, 10_000, 10_000, 10_000, 10_000, 0].map((now) =>
    limit.take(now),
  );
  expect(passed).toEqual([true, true, true, false, false, true, false, true, true, true, true, false, false]);
});
