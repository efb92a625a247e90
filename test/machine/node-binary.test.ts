import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { NodeUnavailableError } from "../../src/errors/node-unavailable-error.js";
import { resolveNode } from "../../src/machine/node-binary.js";
import { nodeTrouble } from "../../src/machine/node-trouble.js";

const directory = mkdtempSync(join(tmpdir(), "secure-exec-node-"));
afterAll(() => rmSync(directory, { recursive: true }));

function script(name: string, body: string): string {
  const path = join(directory, name);
  writeFileSync(path, body);
  chmodSync(path, 0o755);
  return path;
}

describe("SECURE_EXEC_NODE", () => {
  test("may name a tested version, which is run once", async () => {
    const path = script("good", `#!/bin/sh\necho run >> ${directory}/runs\necho v26.10.0\n`);
    const [first, second] = await Promise.all([resolveNode(path), resolveNode(path)]);
    expect(first).toBe(second);
    expect(first.node).toBe(realpathSync(path));
    writeFileSync(path, "#!/bin/sh\nexit 1\n");
    expect(await resolveNode(path)).toBe(first);
  });

  const bad: [string, string | null, RegExp][] = [
    ["another version", "#!/bin/sh\necho v26.9.0\n", /v26\.9\.0, which is not a tested version.*v26\.10\.0/u],
    ["no version", "#!/bin/sh\nexit 0\n", /--version failed/u],
    ["a failure", "#!/bin/sh\necho oops >&2\nexit 3\n", /--version failed: oops/u],
    ["something that is no program", "\0\0\0\0", /not a program|--version failed/u],
    ["nothing", null, /can't be found/u],
    [
      "a program that lacks a library",
      `#!/bin/sh\necho "node: error while loading shared libraries: libatomic.so.1: cannot open" >&2\nexit 127\n`,
      /libatomic\.so\.1.*apt-get install libatomic1 libstdc\+\+6.*dnf install libatomic libstdc\+\+/u,
    ],
    ["a program without its loader", "#!/no/such/loader\n", /glibc.*Alpine/u],
  ];
  for (const [name, body, expected] of bad) {
    test(`may not name ${name}`, async () => {
      const path = body === null ? join(directory, "missing") : script(name, body);
      const error = await resolveNode(path).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(NodeUnavailableError);
      expect((error as Error).message).toMatch(expected);
      expect(error).toMatchObject({ code: "ERR_SECURE_EXEC_NODE_UNAVAILABLE" });
    });
  }
});

describe("a Node that doesn't start", () => {
  const node = process.execPath;

  test("for want of a library names the packages", () => {
    const said = "node: error while loading shared libraries: libstdc++.so.6: cannot open shared object file";
    expect(nodeTrouble({ node, said, error: null })?.packages).toEqual(["libatomic1", "libstdc++6"]);
    const other = "node: error while loading shared libraries: libfoo.so.1: cannot open shared object file";
    expect(nodeTrouble({ node, said: other, error: null })?.packages).toEqual(["libfoo.so.1"]);
  });

  test("on musl says so, with and without a loader", () => {
    const said = [
      "Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /x/node)",
      "Error relocating /x/node: __res_init: symbol not found",
      "stage 0: execve (errno 2)",
    ];
    for (const words of said)
      expect(nodeTrouble({ node, said: words, error: null })?.message).toContain("Alpine");
    const error = Object.assign(new Error("spawn ENOENT"), { code: "ENOENT" });
    expect(nodeTrouble({ node, said: "", error })?.message).toContain("Alpine");
    expect(nodeTrouble({ node: "/no/such/node", said: "", error })).toBe(null);
  });

  test("on an old system names what it needs", () => {
    const said =
      "/x/node: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.28' not found (required by /x/node)";
    expect(nodeTrouble({ node, said, error: null })?.message).toContain("GLIBC_2.28");
  });

  test("for another reason is another matter", () => {
    expect(nodeTrouble({ node, said: "Segmentation fault", error: null })).toBe(null);
  });
});
