import { NodeRuntime } from "secure-exec";
import { expect, test } from "vitest";

const local = `
  import { Worker } from "node:worker_threads";
  console.log(new Date(0).getHours(), Intl.DateTimeFormat().resolvedOptions().timeZone);
  new Worker("console.log(new Date(0).getHours())", { eval: true });
`;

test("programs and their threads have the time zone of the runtime's variables, whatever a call's say", async () => {
  await using rt = await NodeRuntime.create({ env: { TZ: "Asia/Tokyo" } });
  expect((await rt.exec(local)).stdout).toBe("9 Asia/Tokyo\n9\n");
  expect((await rt.exec(local, { env: { TZ: "Europe/Berlin" } })).stdout).toBe("9 Asia/Tokyo\n9\n");
});

test("a machine that takes another's place has the same time zone", async () => {
  await using rt = await NodeRuntime.create({ env: { TZ: "Asia/Tokyo" } });
  const { termination } = await rt.exec(
    `import { pbkdf2Sync } from "node:crypto"; pbkdf2Sync("", "", 1e9, 64, "sha512");`,
    { timeout: 100 },
  );
  expect(termination?.reason).toBe("timeout");
  expect((await rt.exec(local)).stdout).toBe("9 Asia/Tokyo\n9\n");
});

test.each([undefined, "nowhere"])("it is UTC for TZ=%s", async (TZ) => {
  await using rt = await NodeRuntime.create({ env: { TZ } });
  expect((await rt.exec("console.log(new Date(0).getHours())")).stdout).toBe("0\n");
});
