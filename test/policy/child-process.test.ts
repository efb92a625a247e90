import { type AuditEvent, NodeRuntime } from "secure-exec";
import { expect, test } from "vitest";

test("programs are started and signalled as the rules say, and children are under the same rules", async () => {
  const events: AuditEvent[] = [];
  await using rt = await NodeRuntime.create({
    files: { "/secret/key": "key" },
    env: { HIDDEN: "hidden" },
    permissions: {
      childProcess: {
        rules: [
          { mode: "deny", operations: ["spawn"], patterns: ["/tmp"] },
          { mode: "allow", operations: ["spawn"], patterns: ["node"] },
        ],
      },
      fs: { default: "allow", rules: [{ mode: "deny", operations: ["read"], paths: ["/secret"] }] },
      env: { default: "allow", rules: [{ mode: "deny", patterns: ["HIDDEN"] }] },
    },
    onAudit: (event) => events.push(event),
  });
  const { stdout, stderr } = await rt.exec(`
    import { execFileSync, spawn } from "node:child_process";
    import fs from "node:fs";
    const attempt = (work) => {
      try {
        return String(work()).trim();
      } catch (error) {
        return error.code ?? error.message;
      }
    };
    const program = "try { require('fs').readFileSync('/secret/key') } catch ({ code }) { console.log(code, process.env.HIDDEN) }";
    console.log(attempt(() => execFileSync("node", ["-e", program])));
    console.log(attempt(() => execFileSync("node", ["-e", program], { env: { HIDDEN: "again" } })));
    fs.writeFileSync("/tmp/script", "#!/usr/local/bin/node\\nconsole.log(1)", { mode: 0o755 });
    console.log(attempt(() => execFileSync("/tmp/script")));
    console.log(attempt(() => execFileSync("sh", ["-c", "echo 1"])));
    const child = spawn("node", ["-e", "setTimeout(() => {}, 300)"]);
    console.log(attempt(() => process.kill(child.pid, "SIGTERM")), attempt(() => process.kill(process.pid, 0)));
    child.on("exit", (code) => console.log("ended", code));
  `);
  expect(stderr).toBe("");
  expect(stdout).toBe("EACCES undefined\nEACCES undefined\nEACCES\nEACCES\nEACCES true\nended 0\n");
  expect(events.map(({ scope, operation, resource, rule }) => [scope, operation, resource, rule])).toEqual([
    ["fs", "read", "/secret/key", "fs.rules[0]"],
    ["fs", "read", "/secret/key", "fs.rules[0]"],
    ["childProcess", "spawn", "/tmp/script", "childProcess.rules[0]"],
    ["childProcess", "spawn", "/bin/sh", null],
    ["childProcess", "kill", "/usr/local/bin/node", null],
  ]);
});
