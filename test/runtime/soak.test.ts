import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/* A few of the rounds that `npm run soak` makes by the thousand. */

const soak = fileURLToPath(new URL("../../bench/soak.ts", import.meta.url));
const run = promisify(execFile);
for (const [name, rounds, ...args] of [
  ["used and disposed of", "30"],
  ["that time out, crash and revive", "8", "rough"],
] as const) {
  test(`runtimes ${name} leave nothing behind`, async () => {
    const { stdout } = await run(process.execPath, [soak, rounds, ...args], { timeout: 50_000 });
    expect(JSON.parse(stdout)).toMatchObject({ rounds: Number(rounds) });
  });
}
