import { join } from "node:path";
import { test } from "vitest";
import { packagesFolder } from "./packages.ts";
import { programsIn, sameAsPlain } from "./same-as-plain.ts";

const folder = join(import.meta.dirname, "network");

for (const name of programsIn(folder)) {
  test(`${name} talks within a machine as on plain Node`, async () => {
    await sameAsPlain(join(folder, name), packagesFolder);
  });
}
