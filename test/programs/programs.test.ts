import { join } from "node:path";
import { test } from "vitest";
import { packagesFolder } from "./packages.ts";
import { programsIn, sameAsPlain } from "./same-as-plain.ts";

const folder = join(import.meta.dirname, "guest");

for (const name of programsIn(folder)) {
  test(`${name} runs from files on the disk as on plain Node`, async () => {
    await sameAsPlain(join(folder, name), packagesFolder);
  });
}
