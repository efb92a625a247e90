import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

/* A few of the rounds that `npm run soak` makes by the thousand. */

const soak = fileURLToPath(new URL("../../bench/soak.ts", import.meta.url));
const run = promisify(execFile);
let directory: string;

// Temporary files of others don't count.
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "secure-exec-soak-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

for (const [name, rounds, ...args] of [
  ["used and disposed of", "30"],
  ["that time out, crash and revive", "8", "rough"],
] as const) {
  test(`runtimes ${name} leave nothing behind`, async () => {
    const env = { ...process.env, TMPDIR: directory };
    const { stdout } = await run(process.execPath, [soak, rounds, ...args], { env, timeout: 50_000 });
    expect(JSON.parse(stdout)).toMatchObject({ rounds: Number(rounds) });
  });
}
