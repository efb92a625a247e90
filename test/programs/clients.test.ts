import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, test } from "vitest";
import { packagesFolder } from "./packages.ts";
import { runPlain } from "./plain-node.ts";
import { expectSame, programsIn } from "./same-as-plain.ts";

const folder = join(import.meta.dirname, "clients");

let runtime: NodeRuntime;
beforeAll(async () => {
  runtime = await NodeRuntime.create({ nodeModules: join(packagesFolder, "node_modules") });
});
afterAll(() => runtime.dispose());

for (const name of programsIn(folder)) {
  test(`${name} serves and asks within a machine as on plain Node`, async () => {
    const code = readFileSync(join(folder, name), "utf8");
    const [ours, theirs] = await Promise.all([
      runtime.exec(code, { timeout: 50_000 }),
      runPlain(["--input-type=module", "--eval", code], packagesFolder),
    ]);
    expectSame(ours, theirs);
  });
}
