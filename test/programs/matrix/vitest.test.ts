import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { describe, expect, it } from "vitest";
import { packageFiles, packagesFolder } from "../packages.ts";
import { PlainHome } from "../plain-home.ts";

const project = {
  "/home/user/one.test.ts": `
    import { expect, test } from "vitest";
    enum Answer { Right = 42 }
    test("right", () => { expect(Answer.Right as number).toBe(42) });
    test("wrong", async () => { expect({ a: Answer.Right }).toEqual({ a: 2 }) });`,
  "/home/user/two.test.mjs": `
    import { test, vi } from "vitest";
    test("mocks", ({ expect }) => { const f = vi.fn(() => 1); f(2); expect(f.mock.calls).toEqual([[2]]) });`,
};

/** The bundler beneath Vitest, in the WebAssembly that npm installs where it is told so. */
function installRolldown(folder: string): void {
  const manifest = readFileSync(join(packagesFolder, "node_modules/rolldown/package.json"), "utf8");
  const wanted = `rolldown@${JSON.parse(manifest).version}`;
  const options = ["--cpu=wasm32", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder];
  execFileSync("npm", ["install", ...options, wanted], { stdio: "inherit" });
}

/** Which tests passed and failed, and why. */
function outcome(stdout: string): unknown {
  const { testResults, numPassedTests, numFailedTests } = JSON.parse(stdout);
  const tests = testResults.flatMap((file: { assertionResults: Record<string, unknown>[] }) =>
    file.assertionResults.map(({ fullName, status, failureMessages }) => [fullName, status, failureMessages]),
  );
  return { numPassedTests, numFailedTests, tests: tests.sort() };
}

/** Installed and run only when asked for: `PROGRAMS_MATRIX=1`. */
describe.runIf(process.env["PROGRAMS_MATRIX"] === "1")("vitest", () => {
  it("runs tests from files on the disk as on plain Node", { timeout: 300_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "vitest-"));
    try {
      installRolldown(folder);
      const own = Object.entries(project).map(([path, text]) => [path, Buffer.from(text)]);
      const files = {
        ...packageFiles(["vitest"]),
        ...packageFiles(["rolldown", "@rolldown/binding-wasm32-wasi"], folder),
        ...Object.fromEntries(own),
      };
      using plain = new PlainHome(files);
      await using rt = await NodeRuntime.create({ files, limits: { memoryBytes: 1 << 30 } });
      const line =
        "node node_modules/vitest/vitest.mjs run --reporter=json --outputFile=report >/dev/null; code=$?; cat report; exit $code";
      const theirs = await plain.sh(line);
      const ours = await rt.command("sh", ["-c", line], { timeout: 100_000 });
      expect(outcome(ours.stdout)).toEqual(outcome(theirs.stdout));
      expect(outcome(ours.stdout)).toMatchObject({ numPassedTests: 2, numFailedTests: 1 });
      expect([ours.exitCode, theirs.exitCode]).toEqual([1, 1]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
