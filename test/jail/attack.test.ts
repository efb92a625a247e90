import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forms, launch, openWorkshop, type Workshop } from "./launch.js";

const source = fileURLToPath(new URL("./machines/attack.c", import.meta.url));
const compiler = ["cc", "gcc", "clang"].find((name) => spawnSync(name, ["--version"]).status === 0);
const [form = "ts"] = forms;

let shop: Workshop;
let machine: string;
let library: string;
let victim: ChildProcess;

beforeAll(async () => {
  if (compiler === undefined) return;
  shop = await openWorkshop();
  library = join(shop.directory, "attack.so");
  // It stays loaded to the end, since its thread does.
  const flags = ["-shared", "-fPIC", "-pthread", "-Wl,-z,nodelete"];
  const { status, stderr } = spawnSync(compiler, [...flags, "-o", library, source]);
  expect([String(stderr), status]).toEqual(["", 0]);
  machine = await shop.bundle("attack");
  victim = spawn(shop.node, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
});
afterAll(() => {
  victim?.kill("SIGKILL");
  shop?.remove();
});

/** Makes every attack, each as often as it takes; answers what became of each. */
async function attackAll(from: "main" | "thread"): Promise<Map<string, number | "killed">> {
  const results = new Map<string, number | "killed">();
  let first = 0;
  for (;;) {
    const program = [machine, library, String(first), from, String(victim.pid)];
    const { code, signal, stderr, wire } = await launch(shop, form, { program }).ended;
    const lines = wire.split("\n").slice(0, -1);
    for (const line of lines) {
      const [name = "", result] = line.split(": ");
      results.set(name, result === undefined ? "killed" : Number(result));
    }
    if (code === 0) return results;
    expect(results.size).toBeGreaterThan(first);
    first = results.size;
    // Anything else than this would be a machine that ended for another reason than the filter.
    expect({ code, signal, stderr, last: lines.at(-1) }).toMatchObject({ code: null, signal: "SIGSYS" });
  }
}

describe.skipIf(compiler === undefined)("hostile native code in a machine (skipped: no C compiler)", () => {
  it.each(["main", "thread"] as const)("gets nothing, from its %s", async (from) => {
    const results = await attackAll(from);
    expect(results.size).toBeGreaterThan(150);
    const breaches = [...results].filter(([, result]) => result !== "killed" && result >= 0);
    expect(breaches).toEqual([]);
    expect([...results.values()].filter((result) => result === "killed").length).toBeGreaterThan(40);
    expect(existsSync("/tmp/breach")).toBe(false);
    expect(victim.exitCode ?? victim.signalCode).toBe(null);
  });
});
