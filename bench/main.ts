// Measures what the library promises, beside plain pinned Node where that can be: a table on the
// terminal and the same figures in .bench/results.json. A figure out of its bound is marked, not hidden.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Scenario } from "./scenario.ts";
import { diskScenarios } from "./scenarios/disk.ts";
import { egressScenarios } from "./scenarios/egress.ts";
import { guestScenarios } from "./scenarios/guest.ts";
import { memoryScenarios } from "./scenarios/memory.ts";
import { mountScenarios } from "./scenarios/mounts.ts";
import { networkScenarios } from "./scenarios/network.ts";
import { processScenarios } from "./scenarios/processes.ts";
import { residentScenarios } from "./scenarios/resident.ts";
import { snapshotScenarios } from "./scenarios/snapshots.ts";
import { createScenarios, runScenarios } from "./scenarios/start.ts";
import { timeoutScenarios } from "./scenarios/timeouts.ts";
import { typescriptScenarios } from "./scenarios/typescript.ts";
import { percentile, short } from "./stats.ts";

interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
}

interface Figure {
  name: string;
  unit: string;
  ours: Percentiles;
  plain: Percentiles | null;
  ratio: number | null;
  bound: Scenario["bound"] | null;
  kept: boolean;
}

function summary(samples: readonly number[]): Percentiles {
  return { p50: percentile(samples, 0.5), p90: percentile(samples, 0.9), p99: percentile(samples, 0.99) };
}

function keeps(bound: Scenario["bound"], ours: Percentiles, ratio: number | null): boolean {
  const { p50 = Infinity, p99 = Infinity, ratioAtMost = Infinity } = bound ?? {};
  return ours.p50 <= p50 && ours.p99 <= p99 && (ratio === null || ratio <= ratioAtMost);
}

async function measure(scenario: Scenario): Promise<Figure> {
  const { name, unit, rounds, warmup, bound } = scenario;
  const ours: number[] = [];
  const plain: number[] = [];
  const ratios: number[] = [];
  for (let round = -warmup; round < rounds; round++) {
    const mine = await scenario.ours();
    const theirs = await scenario.plain?.();
    if (round < 0) continue;
    ours.push(mine);
    if (theirs !== undefined) {
      plain.push(theirs);
      ratios.push(mine / theirs);
    }
  }
  await scenario.close?.();
  const ratio = ratios.length > 0 ? percentile(ratios, 0.5) : null;
  const sums = summary(ours);
  return {
    name,
    unit,
    ours: sums,
    plain: plain.length > 0 ? summary(plain) : null,
    ratio,
    bound: bound ?? null,
    kept: keeps(bound, sums, ratio),
  };
}

function row({ name, unit, ours, plain, ratio, bound, kept }: Figure): string {
  const limits = [
    bound?.p50 === undefined ? "" : `≤ ${bound.p50} ${unit}`,
    bound?.p99 === undefined ? "" : `p99 ${short(ours.p99)} ≤ ${bound.p99} ${unit}`,
    bound?.ratioAtMost === undefined ? "" : `≤ ${bound.ratioAtMost}×`,
  ];
  return [
    name.padEnd(52),
    `${short(ours.p50)} ${unit}`.padStart(12),
    `(p90 ${short(ours.p90)})`.padStart(15),
    plain === null ? "".padStart(12) : `${short(plain.p50)} ${unit}`.padStart(12),
    ratio === null ? "".padStart(9) : `${short(ratio)}×`.padStart(9),
    `  ${limits.filter(Boolean).join(", ")}`,
    kept ? "" : "  MISSED",
  ].join("");
}

async function measureAll(scenarios: Scenario[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const scenario of scenarios) {
    const figure = await measure(scenario);
    console.error(row(figure));
    figures.push(figure);
  }
  return figures;
}

/** Cold starts are measured in a process of their own, where no spare is ever made. */
function measureCold(): Figure[] {
  const env = { ...process.env, SECURE_EXEC_SPARES: "0", SECURE_EXEC_BENCH: "cold" };
  const output = execFileSync(process.execPath, [fileURLToPath(import.meta.url)], {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(output) as Figure[];
}

if (process.env["SECURE_EXEC_BENCH"] === "cold") {
  console.log(JSON.stringify(await measureAll(createScenarios())));
} else {
  console.error(
    `${"".padEnd(52)}${"ours".padStart(12)}${"".padStart(15)}${"plain Node".padStart(12)}${"ratio".padStart(9)}`,
  );
  const figures = [
    ...measureCold(),
    ...(await measureAll(createScenarios())),
    ...(await measureAll(await runScenarios())),
    ...(await measureAll(await residentScenarios())),
    ...(await measureAll(await processScenarios())),
    ...(await measureAll(await networkScenarios())),
    ...(await measureAll(await egressScenarios())),
    ...(await measureAll(await guestScenarios())),
    ...(await measureAll(diskScenarios())),
    ...(await measureAll(mountScenarios())),
    ...(await measureAll(typescriptScenarios())),
    ...(await measureAll(await snapshotScenarios())),
    ...(await measureAll(await timeoutScenarios())),
    ...(await measureAll(await memoryScenarios())),
  ];
  mkdirSync(".bench", { recursive: true });
  writeFileSync(".bench/results.json", `${JSON.stringify({ node: process.version, figures }, null, 2)}\n`);
}
