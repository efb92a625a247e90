import { describe, expect, test } from "vitest";
import { HostDirectory, type MachineWire, MountService } from "../../../src/broker/mounts/index.js";
import type { AuditEvent } from "../../../src/policy/audit.js";
import type { ChangedMessage, MountMessage } from "../../../src/wire/messages.js";
import { BlockReader, type MountBlock } from "../../../src/wire/mount-blocks.js";
import { TestDirectory } from "./directory.js";

type Sent = { block: MountBlock; text: string };

/** The machine's side of a service, which takes what it gets at once. */
class Machine implements Disposable {
  readonly service: MountService;
  readonly changes: ChangedMessage[] = [];
  readonly audit: AuditEvent[] = [];
  onChange: () => void = () => undefined;
  readonly #answers = new Map<number, { sent: Sent[]; ended: () => void }>();
  readonly #streams = new Map<number, number>();
  #last = 0;

  constructor(...paths: string[]) {
    const wire: MachineWire = {
      send: (message) => {
        if (message.type === "mounted") this.#streams.set(message.stream, message.request);
        else {
          this.changes.push(message);
          this.onChange();
        }
      },
      open: () => this.#open(++this.#last) as never,
    };
    const mounts = paths.map((path, i) => ({
      id: i + 1,
      path: `/m${i + 1}`,
      sealed: true,
      source: new HostDirectory(path, path),
    }));
    this.service = new MountService(mounts, wire, (event) => this.audit.push(event));
  }

  #open(id: number) {
    const reader = new BlockReader();
    const answer = () => this.#answers.get(this.#streams.get(id) as number);
    return {
      id,
      stream: {
        queued: 0,
        write(bytes: Uint8Array) {
          reader.push(bytes);
          for (let next = reader.next(); next !== null; next = reader.next())
            answer()?.sent.push({ block: next.block, text: Buffer.from(next.bytes).toString() });
          return true;
        },
        flushed: async () => true,
        end: () => answer()?.ended(),
      },
    };
  }

  async ask(message: Partial<MountMessage> & { path: string }): Promise<Sent[]> {
    const request = message.request ?? 1000 + this.#answers.size;
    return await new Promise((resolve, reject) => {
      const sent: Sent[] = [];
      this.#answers.set(request, { sent, ended: () => resolve(sent) });
      const base = { type: "mount", mount: 1, want: "names", ahead: "" } as const;
      const breach = this.service.take({ ...base, request, ...message });
      if (breach !== null) reject(new Error(breach));
    });
  }

  [Symbol.dispose](): void {
    this.service.close();
  }
}

/** What was sent, in short. */
function brief(sent: readonly Sent[]): string[] {
  return sent.map(({ block }) => {
    if ("names" in block) return `names ${block.names}`;
    if ("content" in block) return `content ${block.content}`;
    return "failed" in block ? `failed ${block.failed}` : "done";
  });
}

describe("what is asked for, and what will be", () => {
  test("the way to a module and its package come along, and nothing comes twice", async () => {
    using dir = new TestDirectory({
      "p/package.json": "{}",
      "p/index.js": "1",
      "p/lib/a.js": "2",
      "p/lib/b.js": "3",
      "p/lib/c.png": "4",
      "p/node_modules/q/index.js": "5",
      "other/index.js": "6",
    });
    using machine = new Machine(dir.path);
    const first = brief(await machine.ask({ path: "", ahead: "p/index.js" }));
    expect(first).toEqual([
      "names ",
      "names p",
      "content p/index.js",
      "done",
      "content p/package.json",
      "names p/lib",
      "content p/lib/a.js",
      "content p/lib/b.js",
    ]);
    const second = await machine.ask({ path: "p/lib/a.js", want: "content" });
    expect(brief(second)).toEqual(["content p/lib/a.js", "done"]);
    expect(second[0]?.text).toBe("2");
  });

  test("the packages that one depends on come along, wherever Node would find them", async () => {
    const needs = (...names: string[]) =>
      JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, "1"])) });
    using dir = new TestDirectory({
      "node_modules/a/package.json": needs("b", "@s/c", "missing", "linked", "../../../out", "a"),
      "node_modules/a/index.js": "1",
      "node_modules/a/node_modules/b/package.json": needs("d"),
      "node_modules/a/node_modules/b/index.js": "2",
      "node_modules/b/index.js": "another b",
      "node_modules/@s/c/package.json": "{ no JSON",
      "node_modules/@s/c/index.js": "3",
      "node_modules/d/package.json": needs("a"),
      "node_modules/d/index.js": "4",
      "node_modules/unused/package.json": "{}",
      "node_modules/linked": ["unused"],
    });
    using machine = new Machine(dir.path);
    await machine.ask({ path: "" });
    const sent = brief(await machine.ask({ path: "node_modules", ahead: "a/index.js" }));
    expect(sent.filter((block) => block.startsWith("content")).sort()).toEqual(
      ["a/index.js", "a/node_modules/b/index.js", "a/node_modules/b/package.json", "a/package.json"]
        .concat(["@s/c/index.js", "@s/c/package.json", "d/index.js", "d/package.json"])
        .map((name) => `content node_modules/${name}`)
        .sort(),
    );
  });

  test("who asks for many packages is sent twice as many beside them each time", async () => {
    const names = Array.from({ length: 60 }, (_, i) => `p${i}`);
    using dir = new TestDirectory(
      Object.fromEntries(
        names.flatMap((name) => [
          [`${name}/package.json`, "{}"],
          [`${name}/index.js`, "1"],
        ]),
      ),
    );
    using machine = new Machine(dir.path);
    await machine.ask({ path: "" });
    const sent = new Set<string>();
    const counts: number[] = [];
    for (const name of names) {
      if (sent.has(name)) continue;
      const before = sent.size;
      for (const { block } of await machine.ask({ path: name, ahead: "package.json" }))
        if ("names" in block) sent.add(block.names);
      counts.push(sent.size - before);
    }
    expect(counts).toEqual([1, 1, 1, 9, 17, 31]);
  });

  test("many names are as good as many files", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `p${i}`);
    using dir = new TestDirectory(Object.fromEntries(names.map((name) => [`${name}/package.json`, "{}"])));
    for (const name of names) for (let i = 0; i < 1100; i++) dir.put(`${name}/${i}.svg`, "");
    using machine = new Machine(dir.path);
    await machine.ask({ path: "" });
    for (const name of ["p0", "p1", "p2"]) await machine.ask({ path: name });
    expect(
      brief(await machine.ask({ path: "p3" })).filter((block) => block.startsWith("content")),
    ).toHaveLength(3);
  });

  test("a large file comes in parts", async () => {
    using dir = new TestDirectory({ big: "x".repeat(700_000) });
    using machine = new Machine(dir.path);
    const sent = await machine.ask({ path: "big", want: "content" });
    expect(sent.map(({ text }) => text.length)).toEqual([262_144, 262_144, 175_712, 0]);
    expect(sent[2]?.block).toMatchObject({ size: 700_000, last: true });
  });

  test("a change of what was told is told, once", async () => {
    using dir = new TestDirectory({ "d/a": "1", "e/b": "1" });
    using machine = new Machine(dir.path);
    await machine.ask({ path: "", ahead: "d" });
    const told = new Promise<void>((resolve) => {
      machine.onChange = resolve;
    });
    dir.put("e/b", "2");
    dir.put("d/a", "2");
    dir.put("d/b", "2");
    await told;
    expect(machine.changes).toEqual([{ type: "changed", mount: 1, paths: ["d"] }]);
  });
});

describe("what a hostile machine asks for", () => {
  test.each(["..", "../x", "a/../../x", "/etc", "a//b", ".", "a/.", "a\0b", "x".repeat(256)])(
    "no path but names below the root: %j",
    async (path) => {
      using dir = new TestDirectory({ "a/b": "1" });
      using machine = new Machine(dir.path);
      for (const want of ["names", "content"] as const)
        expect(brief(await machine.ask({ path, want }))).toEqual([`failed ${-13}`]);
      expect(machine.audit).toHaveLength(2);
      expect(machine.audit[0]).toMatchObject({
        origin: "host",
        scope: "fs",
        operation: "list",
        decision: "deny",
      });
    },
  );

  test("neither the root as a file nor what is no file", async () => {
    using dir = new TestDirectory({ "d/x": "1" });
    using machine = new Machine(dir.path);
    expect(brief(await machine.ask({ path: "", want: "content" }))).toEqual([`failed ${-13}`]);
    expect(brief(await machine.ask({ path: "d", want: "content" }))).toEqual([`failed ${-13}`]);
    expect(brief(await machine.ask({ path: "d/x" }))).toEqual([`failed ${-20}`]);
    expect(brief(await machine.ask({ path: "missing" }))).toEqual([`failed ${-2}`]);
  });

  test("no way that leads out", async () => {
    using outside = new TestDirectory({ secret: "SECRET" });
    using dir = new TestDirectory({ "d/x": "1", out: [outside.path] });
    using machine = new Machine(dir.path);
    for (const ahead of ["../../etc/passwd", "d/../../x", "out/secret", "d//x\0", "/"]) {
      const sent = await machine.ask({ path: "", ahead });
      expect(brief(sent)).toContain("done");
      expect(JSON.stringify(sent)).not.toMatch(/SECRET|secret|root:/);
      expect(JSON.stringify(sent)).not.toContain(outside.path);
    }
  });

  test("no mount but its own", async () => {
    using dir = new TestDirectory({ a: "1" });
    using machine = new Machine(dir.path);
    await expect(machine.ask({ path: "", mount: 2 })).rejects.toThrow(
      "a request for a mount that there isn't",
    );
  });

  test("no flood of requests", async () => {
    using dir = new TestDirectory({ a: "1" });
    using machine = new Machine(dir.path);
    const asked = Array.from({ length: 65 }, (_, i) => machine.ask({ path: "", request: i + 1 }));
    const settled = await Promise.allSettled(asked);
    expect(settled.filter(({ status }) => status === "rejected")).toHaveLength(1);
  });

  test("refusals beyond a rate are counted, not told", async () => {
    using dir = new TestDirectory({ a: "1" });
    using machine = new Machine(dir.path);
    for (let i = 0; i < 300; i++) await machine.ask({ path: ".." });
    expect(machine.audit.length).toBeLessThan(300);
  });
});
