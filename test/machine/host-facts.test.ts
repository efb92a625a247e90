import { describe, expect, test } from "vitest";
import { withoutHostFacts } from "../../src/machine/host-facts.js";

const stack = `----- Native stack trace -----

 1: 0xe36196 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [/srv/app/node_modules/.bin/node]
 2: 0x12a3f70 v8::Utils::ReportOOMFailure(v8::internal::Isolate*, char const*) [/srv/app/node_modules/.bin/node]
`;

describe("what is kept", () => {
  const cases: [string, string, string][] = [
    [
      "out of memory",
      `
<--- Last few GCs --->

[12345:0x7f8e3c000d80]      123 ms: Scavenge 99.8 (101.0) -> 99.0 (104.0) MB, 5.12 / 0.00 ms

<--- JS stacktrace --->

FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory
${stack}`,
      "FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory",
    ],
    [
      "a fatal error of V8",
      `

#
# Fatal error in , line 0
# Fatal JavaScript invalid size error 169220804 (see crbug.com/1201626)
#
#
#
#FailureMessage Object: 0x7ffd3a9d1c40
${stack}`,
      "# Fatal error in , line 0\n# Fatal JavaScript invalid size error 169220804 (see crbug.com/1201626)",
    ],
    [
      "a failed check",
      "# Fatal error in ../deps/v8/src/objects/objects.cc, line 123\n# Check failed: 0x7ffd3a9d1c40 != nullptr.\n",
      "# Fatal error in ../deps/v8/src/objects/objects.cc, line 123\n# Check failed: <address> != nullptr.",
    ],
    [
      "an assertion of Node",
      "/srv/app/bin/node[4711]: ../src/node_worker.cc:77:void f(): Assertion `(x) > (0)' failed.\n",
      "../src/node_worker.cc:77:void f(): Assertion `(x) > (0)' failed.",
    ],
    [
      "the C++ runtime",
      "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\n",
      "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc",
    ],
    ["the allocator", "malloc(): corrupted top size\n", "malloc(): corrupted top size"],
  ];
  for (const [name, said, kept] of cases) test(name, () => expect(withoutHostFacts(said, "box")).toBe(kept));
});

describe("what is taken out", () => {
  const facts: [string, string][] = [
    ["/home/alice/project/x.js", "a path"],
    ["file:///home/alice/project/x.js:1:2", "a URL of a file"],
    ["/home/алиса/проект", "a path in another script"],
    ["/home/alice", "the start of a path"],
    ["C:\\Users\\alice\\x.js", "a path of Windows"],
    ["0x7ffd3a9d1c40", "an address in memory"],
    ["7ffd3a9d1c40", "an address without its mark"],
    ["192.168.1.77", "an address of the network"],
    ["fe80::1ff:fe23:4567:890a", "another of those"],
    ["::ffff:a00:1", "a short one"],
    ["build-host-17", "the host's name"],
  ];
  for (const [fact, name] of facts) {
    test(name, () => {
      for (const text of [`${fact}`, `in ${fact} it broke`, `(${fact})`, `'${fact}'`, `x=${fact}`]) {
        const kept = withoutHostFacts(`FATAL ERROR: ${text}`, "build-host-17");
        expect(kept).toMatch(/^FATAL ERROR: /u);
        expect(kept).not.toContain(fact);
        expect(kept).not.toMatch(/alice|алиса/u);
      }
    });
  }

  test("process ids", () => {
    const kept = withoutHostFacts("FATAL ERROR: pid 4711, process: 4712, thread=4713 [4714:0x55aa00]", "box");
    expect(kept).not.toMatch(/471\d/u);
  });

  test("lines of no known kind, whatever they say", () => {
    expect(withoutHostFacts(`hello\n at f (/a/b.js)\n${stack}\n[1] /bin/x\n`, "box")).toBe("");
  });
});

test("much text is cut and takes little time", () => {
  const begun = performance.now();
  for (const line of [
    `FATAL ERROR: ${"/a".repeat(30_000)}`,
    `FATAL ERROR: ${"a:".repeat(30_000)}`,
    `FATAL ERROR: ${"1.".repeat(30_000)}`,
    "FATAL ERROR: x\n".repeat(4_000),
    "\n".repeat(64_000),
    `Assertion \`${"'".repeat(60_000)}`,
    "Assertion `".repeat(6_000),
  ]) {
    expect(withoutHostFacts(line, "box").length).toBeLessThanOrEqual(4096);
  }
  expect(performance.now() - begun).toBeLessThan(2_000);
});
