import { type AuditEvent, NodeRuntime } from "secure-exec";
import { expect, test } from "vitest";

const code = `
  import net from "node:net";
  import dgram from "node:dgram";
  const attempt = (emitter, success) => new Promise((resolve) => {
    emitter.on(success, () => resolve(success)).on("error", (error) => resolve(error.message));
  });
  for (const port of [8080, 9090])
    console.log(await attempt(net.createServer().listen(port, "127.0.0.1"), "listening"));
  for (const port of [8080, 9090]) console.log(await attempt(net.connect(port, "127.0.0.1"), "connect"));
  console.log(await attempt(dgram.createSocket("udp4").bind(9090, "127.0.0.1"), "listening"));
  console.log(await attempt(net.connect(80, "192.0.2.1"), "connect"));
  process.exit();
`;

test("without rules about them, listening and connecting within the machine are free", async () => {
  await using rt = await NodeRuntime.create({ permissions: { network: "deny" } });
  const { stdout } = await rt.exec(code);
  expect(stdout.split("\n")).toEqual([
    ...["listening", "listening", "connect", "connect", "listening"],
    expect.stringMatching(/^connect EACCES 192\.0\.2\.1:80/),
    "",
  ]);
});

test("rules that name them bind them, and refusals are told", async () => {
  const events: AuditEvent[] = [];
  await using rt = await NodeRuntime.create({
    permissions: {
      network: {
        rules: [
          { mode: "allow", operations: ["listen", "loopback"], patterns: ["127.0.0.1:8080"] },
          { mode: "deny", operations: ["listen"] },
        ],
      },
    },
    onAudit: (event) => events.push(event),
  });
  const { stdout } = await rt.exec(code);
  expect(stdout.split("\n").slice(0, 5)).toEqual([
    "listening",
    "listen EACCES: permission denied 127.0.0.1:9090",
    "connect",
    "connect EACCES 127.0.0.1:9090",
    "bind EACCES 127.0.0.1:9090",
  ]);
  await expect.poll(() => events.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(3);
  expect(events.slice(0, 3)).toMatchObject([
    { scope: "network", operation: "listen", resource: "127.0.0.1:9090", rule: "network.rules[1]" },
    { scope: "network", operation: "loopback", resource: "127.0.0.1:9090", rule: null },
    { scope: "network", operation: "listen", resource: "127.0.0.1:9090", rule: "network.rules[1]" },
  ]);
});
