import { spawn } from "node:child_process";
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
} from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environment, forms, isRoot, launch, observe, openWorkshop, type Workshop } from "./launch.js";

const MIB = 1 << 20;
const SIZE = 64 * MIB;

let shop: Workshop;
let machine: string;

beforeAll(async () => {
  shop = await openWorkshop();
  machine = await shop.bundle("locked");
});
afterAll(() => shop.remove());

function status(pid: number | string, thread?: string): Map<string, string> {
  const directory = thread === undefined ? `/proc/${pid}` : `/proc/${pid}/task/${thread}`;
  const lines = readFileSync(`${directory}/status`, "latin1").split("\n");
  return new Map(lines.map((line) => line.split(":\t") as [string, string]));
}

const own = Number(status("self").get("Seccomp_filters"));
const users = isRoot ? (["self", "nobody"] as const) : (["self"] as const);

describe.each(forms.flatMap((form) => users.map((user) => ({ form, user }))))(
  "a machine behind stage 0 in $form, as $user",
  ({ form, user }) => {
    it("is locked in all its threads, as the host sees in /proc", async () => {
      const { child, line, ended } = launch(shop, form, { program: [machine, "create"], user });
      const report = JSON.parse(await line);
      expect(report.ownFile).toBe("EPERM");
      expect(report.written).toBe("EPERM");
      const threads = readdirSync(`/proc/${child.pid}/task`);
      expect(threads.length).toBeGreaterThan(6);
      for (const thread of threads) {
        const marks = status(String(child.pid), thread);
        expect(marks.get("Seccomp")).toBe("2");
        expect(marks.get("NoNewPrivs")).toBe("1");
        expect(marks.get("CapEff")).toBe("0000000000000000");
        // Stage 0 alone would make this one less, and Seccomp 2 all the same.
        expect(Number(marks.get("Seccomp_filters"))).toBe(own + 2);
      }
      const links = readdirSync(`/proc/${child.pid}/fd`).map((fd) =>
        readlinkSync(`/proc/${child.pid}/fd/${fd}`),
      );
      expect(links.filter((link) => /io_uring|^\/(?!dev\/null|memfd:)/.test(link))).toEqual([]);
      const limits = readFileSync(`/proc/${child.pid}/limits`, "latin1");
      expect(limits).toMatch(/^Max file size +0 +0 /m);
      child.kill("SIGKILL");
      expect((await ended).stderr).toBe("");
    });

    it("leaves a disk that the host keeps and the next machine adopts", async () => {
      const first = launch(shop, form, { program: [machine, "create"], user });
      const made = JSON.parse(await first.line);
      expect(made).toMatchObject({ found: "", size: SIZE, aligned: true, afterDiscard: [1, 0, 0] });
      // RLIMIT_FSIZE is 0 by now: a write answers so, and not with what it wrote.
      expect(made.writeDisk).toBe("EFBIG");
      const disk = openSync(`/proc/${first.child.pid}/fd/${made.fd}`, "r+");
      try {
        first.child.kill("SIGKILL");
        await first.ended;
        const bytes = Buffer.alloc(11);
        readSync(disk, bytes, 0, 11, 0);
        expect(bytes.toString()).toBe("by a worker");
        const { size, blocks } = fstatSync(disk);
        expect(size).toBe(SIZE);
        // 32 MiB were written and given back.
        expect(blocks * 512).toBeLessThan(MIB);
        expect(() => ftruncateSync(disk, 4096)).toThrow(/EPERM/);
        expect(() => ftruncateSync(disk, 2 * SIZE)).toThrow(/EPERM/);

        const second = launch(shop, form, { program: [machine, String(SIZE)], user, disk });
        expect(JSON.parse(await second.line)).toMatchObject({ found: "by a worker", fd: 4, size: SIZE });
        second.child.kill("SIGKILL");
        await second.ended;
        const third = await launch(shop, form, { program: [machine, String(2 * SIZE)], user, disk }).ended;
        expect(third.stderr).toContain("a disk of 134217728 bytes was announced, 67108864 were found");
      } finally {
        closeSync(disk);
      }
    });
  },
);

describe("the lock", () => {
  const [form = "ts"] = forms;

  it("ends with its host's end of the wire", async () => {
    const { wire, line, ended } = launch(shop, form, { program: [machine, "create"] });
    await line;
    wire.destroy();
    expect((await ended).code).toBe(0);
  });

  it("is refused where stage 0 has not been", async () => {
    const child = spawn(shop.node, ["--no-warnings", machine, "create"], {
      env: environment(shop),
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const { code, stderr, wire } = await observe(child).ended;
    expect(code).not.toBe(0);
    expect(stderr).toContain("JailError: stage 0: new privileges can be had");
    expect(wire).toBe("");
  });

  it("is refused to a machine whose host has gone", async () => {
    const { wire, ended } = launch(shop, form, { program: [machine, "create", "late"] });
    setTimeout(() => wire.destroy(), 200);
    const { code, stderr } = await ended;
    expect(code).not.toBe(0);
    expect(stderr).toContain("the host is gone");
  });
});
