import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, expect, test } from "vitest";

let rt: NodeRuntime;

beforeAll(async () => {
  rt = await NodeRuntime.create();
});

afterAll(() => rt.dispose());

/** Lines of ten bytes each. */
function lines(size: number): string {
  return Array.from({ length: size / 10 }, (_, index) => `${String(index).padStart(9, "0")}\n`).join("");
}

test.each([30, 200_000])(
  "sync reads go on where an asynchronous one has ended, of %i bytes",
  async (size) => {
    const stdin = lines(size);
    const { stdout } = await rt.exec(
      `import fs from "node:fs";
     const bytes = Buffer.alloc(1000);
     fs.read(0, bytes, 0, 6, null, (_, count) => {
       for (; count > 0; count = fs.readSync(0, bytes)) process.stdout.write(bytes.subarray(0, count));
     });`,
      { stdin },
    );
    expect(stdout === stdin).toBe(true);
  },
);

test("processes share it, each byte going to one of them", async () => {
  const stdin = lines(200_000);
  const { stdout, stderr } = await rt.exec(
    `import fs from "node:fs";
     import { execFileSync } from "node:child_process";
     const head = Buffer.alloc(50);
     fs.readSync(0, head, 0, 50);
     process.stdout.write(head);
     execFileSync("head", ["-c", "100000"], { stdio: "inherit" });
     process.stdout.write(fs.readFileSync(0));`,
    { stdin },
  );
  expect(stderr).toBe("");
  // What a child reads ahead is gone with it.
  expect(stdout.startsWith(stdin.slice(0, 100_050))).toBe(true);
  expect(stdin.endsWith(stdout.slice(100_050))).toBe(true);
});

test("is a pipe of the guest's user, and ends where nothing was given", async () => {
  const { value } = await rt.run(
    `import fs from "node:fs";
     const { mode, uid, gid, size } = fs.fstatSync(0);
     const events = [];
     process.stdin.on("data", () => events.push("data")).on("end", () => events.push("end"));
     process.stdin.on("close", () => __return([mode.toString(8), uid, gid, size, events,
       fs.readlinkSync("/proc/self/fd/0").slice(0, 6), fs.readFileSync("/dev/stdin", "utf8")]));`,
  );
  expect(value).toEqual(["10600", 1000, 1000, 0, ["end"], "pipe:[", ""]);
});

test("waits while a full disk has no room for it", async () => {
  const { stdout, stderr } = await rt.exec(
    `import fs from "node:fs";
     const full = fs.openSync("/tmp/full", "w");
     const piece = Buffer.alloc(1 << 20);
     try { for (;;) fs.writeSync(full, piece); } catch (error) { process.stdout.write(error.code + " "); }
     try { for (;;) fs.writeSync(full, "x".repeat(4096)); } catch {}
     fs.readSync(0, Buffer.alloc(100_000));
     setTimeout(() => {
       fs.unlinkSync("/tmp/full");
       fs.closeSync(full);
       let total = 0;
       for (let count; (count = fs.readSync(0, piece)) > 0; ) total += count;
       process.stdout.write(String(total > 1_800_000));
     }, 100);`,
    { stdin: Buffer.alloc(2_000_000) },
  );
  expect(stderr).toBe("");
  expect(stdout).toBe("ENOSPC true");
});
