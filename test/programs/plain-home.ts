import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Ended, runPlain } from "./plain-node.ts";

const home = "/home/user";

/** A folder of the computer in which plain Node finds what a guest has in its home. */
export class PlainHome implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "program-"));

  constructor(files: Record<string, string | Uint8Array>) {
    for (const [path, content] of Object.entries(files)) {
      const file = path.replace(home, this.#folder);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }

  /** Runs plain Node in the folder; its output is as if that were the guest's home. */
  async node(args: string[]): Promise<Ended> {
    return this.#asAtHome(await runPlain(args, this.#folder));
  }

  /** The same of a line for the shell. */
  async sh(line: string): Promise<Ended> {
    return this.#asAtHome(await runPlain(["-c", line], this.#folder, "/bin/sh"));
  }

  #asAtHome(ended: Ended): Ended {
    const atHome = (text: string): string => text.replaceAll(this.#folder, home);
    return { ...ended, stdout: atHome(ended.stdout), stderr: atHome(ended.stderr) };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
