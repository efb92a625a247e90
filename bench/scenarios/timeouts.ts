import { NodeRuntime } from "secure-exec";
import type { Scenario } from "../scenario.ts";

const timeout = 200;

/** Work that nothing but its end, or the machine's, interrupts. */
const programs: Record<string, string> = {
  "while (true) {}": "while (true) {}",
  "regular expression": "/^(a+)+$/.test('a'.repeat(40) + 'b');",
  microtasks: "const f = () => Promise.resolve().then(f); f(); await new Promise(() => {});",
  "Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
  scryptSync: "require('node:crypto').scryptSync('a', 'b', 64, { N: 2 ** 20, r: 8, p: 8, maxmem: 2 ** 31 });",
  sort: "const a = Array.from({ length: 1e6 }, (_, i) => (i * 7919) % 1000003); for (;;) a.slice().sort();",
};

/** How long after its timeout a call is answered. */
export async function timeoutScenarios(): Promise<Scenario[]> {
  const runtime = await NodeRuntime.create();
  const scenarios = Object.entries(programs).map(
    ([name, code]): Scenario => ({
      name: `timeout overrun: ${name}`,
      unit: "ms",
      rounds: 100,
      warmup: 2,
      bound: { p99: 100 },
      async ours() {
        const began = performance.now();
        const { exitCode } = await runtime.exec(code, { timeout });
        const took = performance.now() - began - timeout;
        if (exitCode !== 124) throw new Error(`${name} ended with ${exitCode}`);
        // The revival of a machine that had to be killed is measured elsewhere.
        await runtime.exec("0");
        return took;
      },
    }),
  );
  const last = scenarios[scenarios.length - 1];
  if (last !== undefined) last.close = () => runtime.dispose();
  return scenarios;
}
