// Writes a platform package as the tarball to publish.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeSource, place } from "./platform.mjs";

/** The manifest to publish: for the one platform it runs on, and depending on nothing. */
export function publishedManifest({ manifest, arch }) {
  const { optionalDependencies: _source, ...published } = manifest;
  // No `bin`: npm would link it, and `node` in the user's own scripts would be this one.
  delete published.bin;
  return { ...published, os: ["linux"], cpu: [arch], libc: ["glibc"] };
}

/** Lays the package's files out in `directory`, as they are to be published. */
export function stage(target, directory) {
  mkdirSync(join(directory, "bin"), { recursive: true });
  for (const name of ["node", "stage0"]) {
    const file = join(target.bin, name);
    if (existsSync(file)) place(file, join(directory, "bin", name));
    else console.log(`${target.manifest.name} is packed without bin/${name}.`);
  }
  copyFileSync(join(nodeSource(target).directory, "LICENSE"), join(directory, "LICENSE"));
  copyFileSync(join(target.directory, "README.md"), join(directory, "README.md"));
  writeFileSync(join(directory, "package.json"), `${JSON.stringify(publishedManifest(target), null, 2)}\n`);
}

/** Writes the tarball into `destination`; answers its path. */
export function pack(target, destination) {
  mkdirSync(destination, { recursive: true });
  const directory = mkdtempSync(join(tmpdir(), "secure-exec-pack-"));
  try {
    stage(target, directory);
    const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", destination];
    const { status, stdout, stderr } = spawnSync("npm", args, { cwd: directory, encoding: "utf8" });
    if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
    return join(destination, stdout.trim());
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
