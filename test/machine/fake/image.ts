import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import type { MachineImage } from "../../../src/machine/image.js";
import type { Action, Mode } from "./kernel.js";

/** The fake machine's image, in one of its modes. */
export interface FakeImages {
  image(mode?: Mode, changes?: Partial<MachineImage>): MachineImage;
  remove(): void;
}

/** Bundles the fake kernel. */
export async function fakeImages(): Promise<FakeImages> {
  const directory = mkdtempSync(join(tmpdir(), "secure-exec-fake-"));
  const bundle = await rolldown({
    input: fileURLToPath(new URL("kernel.ts", import.meta.url)),
    platform: "node",
    external: /^node:/,
  });
  await bundle.write({ file: join(directory, "fake.cjs"), format: "cjs" });
  await bundle.close();
  writeFileSync(join(directory, "openssl.cnf"), "");
  return {
    image(mode = "normal", changes = {}) {
      const kernel = join(directory, `${mode}.cjs`);
      if (!existsSync(kernel))
        writeFileSync(kernel, `globalThis.fakeMode = "${mode}";\nrequire("./fake.cjs");\n`);
      return {
        node: process.execPath,
        stage0: null,
        stage0Script: "",
        kernel,
        opensslConfig: join(directory, "openssl.cnf"),
        read: [],
        ...changes,
      };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Code of the fake machine. */
export function program(...actions: Action[]): string {
  return JSON.stringify(actions);
}
