import { mkdtempSync, rmSync } from "node:fs";
import { type FsRule, NodeRuntime } from "secure-exec";
import { runPlain } from "../plain-node.ts";
import type { Scenario } from "../scenario.ts";

interface Kernel {
  name: string;
  unit: string;
  /** Statements before the loop, evaluated once. */
  setup: string;
  /** The expression or statements that are timed. */
  body: string;
  /** Times the body runs in one sample. */
  count: number;
  /** How many of `unit` a millisecond has, divided by `count` for the figure of one. */
  scale: number;
  bound: NonNullable<Scenario["bound"]>;
  /** In a runtime with rules on files, of which none is about these. */
  ruled?: boolean;
}

/** Some of each kind: what is asked about is compared with all of them. */
const rules: FsRule[] = [
  { mode: "deny", paths: ["/secret", "/home/*/private/**"] },
  { mode: "deny", operations: ["read"], paths: ["**/.env", "**/*.{key,pem}"] },
  { mode: "deny", operations: ["write", "create", "delete"], paths: ["/etc", "/usr"] },
];

const fsSetup = `
  import fs from "node:fs";
  const text = "hello world ".repeat(8);
  fs.writeFileSync("bench.txt", text);
  const step = (i) => { BODY };`;

const fsKernels: Kernel[] = [
  {
    name: "statSync",
    unit: "µs",
    setup: fsSetup,
    body: `fs.statSync("bench.txt")`,
    count: 50_000,
    scale: 1000,
    bound: { p50: 2, ratioAtMost: 1 },
  },
  {
    name: "readFileSync of 96 B",
    unit: "µs",
    setup: fsSetup,
    body: `fs.readFileSync("bench.txt", "utf8")`,
    count: 50_000,
    scale: 1000,
    bound: { p50: 2, ratioAtMost: 1 },
  },
  {
    name: "writeFileSync of 96 B",
    unit: "µs",
    setup: fsSetup,
    body: `fs.writeFileSync("out.txt", text)`,
    count: 50_000,
    scale: 1000,
    bound: { p50: 2, ratioAtMost: 1 },
  },
];

const kernels: Kernel[] = [
  ...fsKernels,
  ...fsKernels.map((kernel) => ({ ...kernel, name: `${kernel.name}, fs rules in force`, ruled: true })),
  {
    name: "pure JavaScript: 60 sieves of 200,000",
    unit: "ms",
    setup: `const step = () => { const s = new Uint8Array(200000); let n = 0;
      for (let i = 2; i < s.length; i++) if (!s[i]) { n++; for (let j = i * 2; j < s.length; j += i) s[j] = 1; }
      return n; };`,
    body: "",
    count: 60,
    scale: 60,
    bound: { ratioAtMost: 1.03 },
  },
  {
    name: "sha256 of 50 MB",
    unit: "ms",
    setup: `import { createHash } from "node:crypto"; const bytes = Buffer.alloc(50e6, "x");
      const step = () => createHash("sha256").update(bytes).digest("hex");`,
    body: "",
    count: 2,
    scale: 1,
    bound: { ratioAtMost: 1.03 },
  },
  {
    name: "WebAssembly: 100 million additions",
    unit: "ms",
    setup: `const bytes = new Uint8Array([0,97,115,109,1,0,0,0,1,6,1,96,1,127,1,127,3,2,1,0,7,5,1,1,102,0,0,10,30,1,28,1,1,127,
      3,64,32,1,32,0,106,65,1,106,33,1,32,0,65,1,107,34,0,13,0,11,32,1,11]);
      const f = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f;
      const step = () => f(100_000_000);`,
    body: "",
    count: 2,
    scale: 1,
    bound: { ratioAtMost: 1.03 },
  },
];

/** The program that times a kernel and prints the figure of one step. */
function program({ setup, body, count, scale }: Kernel): string {
  const warm = Math.max(1, Math.floor(count / 5));
  return `${setup.replace("BODY", body)}
    for (let i = 0; i < ${warm}; i++) step(i);
    const began = performance.now();
    for (let i = 0; i < ${count}; i++) step(i);
    console.log(((performance.now() - began) * ${scale}) / ${count});`;
}

/** Work inside a guest, beside the same program on plain Node, whose files lie on a tmpfs. */
export async function guestScenarios(): Promise<Scenario[]> {
  const runtime = await NodeRuntime.create();
  const ruled = await NodeRuntime.create({ permissions: { fs: { default: "allow", rules } } });
  const tmpfs = mkdtempSync("/dev/shm/secure-exec-bench-");
  const scenarios = kernels.map((kernel): Scenario => {
    const code = program(kernel);
    return {
      name: kernel.name,
      unit: kernel.unit,
      rounds: 7,
      warmup: 1,
      bound: kernel.bound,
      ours: async () => Number((await (kernel.ruled ? ruled : runtime).exec(code)).stdout),
      plain: async () => Number((await runPlain(code, tmpfs)).stdout),
    };
  });
  const last = scenarios[scenarios.length - 1];
  if (last !== undefined) {
    last.close = async () => {
      await Promise.all([runtime.dispose(), ruled.dispose()]);
      rmSync(tmpfs, { recursive: true });
    };
  }
  return scenarios;
}
