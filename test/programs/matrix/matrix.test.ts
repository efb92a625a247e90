import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, test } from "vitest";
import { programsIn, sameAsPlain } from "../same-as-plain.ts";

const here = import.meta.dirname;
const folder = join(here, "guest");

/** Some hundred packages more, installed and run only when asked for: `PROGRAMS_MATRIX=1`. */
describe.runIf(process.env["PROGRAMS_MATRIX"] === "1")("the matrix of programs", () => {
  beforeAll(() => {
    execFileSync("npm", ["ci", "--cpu=wasm32", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: here,
      stdio: "inherit",
    });
  }, 300_000);

  test.each(programsIn(folder))("%s runs from files on the disk as on plain Node", async (name) => {
    await sameAsPlain(join(folder, name), here);
  });
});
