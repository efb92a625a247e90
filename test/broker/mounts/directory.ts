import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A directory of the host that goes when it is disposed of. */
export class TestDirectory implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "mount-")));

  /** Contents by path; a string in an array is a link's text. */
  constructor(files: Record<string, string | [string]> = {}) {
    for (const [name, content] of Object.entries(files)) this.put(name, content);
  }

  put(name: string, content: string | [string]): void {
    const path = this.at(name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof content === "string") writeFileSync(path, content);
    else symlinkSync(content[0], path);
  }

  at(name: string): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
