import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTestCase, type TestCase } from "./test-case.ts";

/** What tests need of the suite's directory. */
const parts = ["common", "fixtures", "parallel"];

/**
 * A copy of the suite for both sides, with the one change that Node 25 and later need: the check for leaked
 * globals must not read `localStorage` and `sessionStorage`, since reading them warns.
 */
export class Suite {
  /** The copy: what is below it is what tests see. */
  readonly directory: string;

  constructor(source: string, canaries: string | null) {
    for (const part of parts) {
      if (!existsSync(join(source, part)))
        throw new Error(`${source} has no ${part}: it is no test directory of Node`);
    }
    // Tests look for their files relative to the directory above.
    this.directory = join(mkdtempSync(join(tmpdir(), "secure-exec-conformance-")), "test");
    for (const part of parts) cpSync(join(source, part), join(this.directory, part), { recursive: true });
    const tests = canaries ?? join(source, "canaries");
    if (existsSync(tests)) cpSync(tests, join(this.directory, "canaries"), { recursive: true });
    const common = join(this.directory, "common", "index.js");
    writeFileSync(common, withoutStorage(readFileSync(common, "utf8")));
  }

  /** Names of the tests in a part. */
  names(part: string): string[] {
    const directory = join(this.directory, part);
    if (!existsSync(directory)) return [];
    return readdirSync(directory)
      .filter((name) => /^test-.*\.m?js$/.test(name))
      .toSorted();
  }

  source(part: string, name: string): string {
    return readFileSync(join(this.directory, part, name), "utf8");
  }

  test(part: string, name: string): TestCase {
    return readTestCase(`${part}/${name}`, this.source(part, name));
  }

  dispose(): void {
    rmSync(join(this.directory, ".."), { recursive: true, force: true });
  }
}

const storage = /^ *'(?:localStorage|sessionStorage)',\n/gm;
const leakLoop = /(for \(const val in globalThis\) \{\n)/;

/** The suite's common module, for a Node that has storage globals. */
export function withoutStorage(source: string): string {
  return source
    .replace(storage, "")
    .replace(leakLoop, "$1    if (val === 'localStorage' || val === 'sessionStorage') continue;\n");
}
