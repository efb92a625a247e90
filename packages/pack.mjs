// Writes the platform package of this computer as a tarball for publishing: node packages/pack.mjs [directory]
// Runs on Node 20.19 and newer, after packages/build.mjs.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { nodeSource, place, platformPackage } from "./platform.mjs";

/** The manifest to publish: for the one platform it runs on, and depending on nothing. */
function publishedManifest({ manifest, arch }) {
  const { optionalDependencies: _source, ...published } = manifest;
  // No `bin`: npm would link it, and `node` in the user's own scripts would be this one.
  delete published.bin;
  return { ...published, os: ["linux"], cpu: [arch], libc: ["glibc"] };
}

const target = platformPackage();
const source = target && nodeSource(target);
if (!source) throw new Error("there is nothing to pack here: no pinned Node");
for (const name of ["node", "stage0"]) {
  if (!existsSync(join(target.bin, name))) throw new Error(`bin/${name} is missing: run packages/build.mjs`);
}

const destination = resolve(process.argv[2] ?? ".");
mkdirSync(destination, { recursive: true });
const staging = mkdtempSync(join(tmpdir(), "secure-exec-pack-"));
try {
  mkdirSync(join(staging, "bin"));
  for (const name of ["node", "stage0"]) place(join(target.bin, name), join(staging, "bin", name));
  copyFileSync(join(source.directory, "LICENSE"), join(staging, "LICENSE"));
  copyFileSync(join(target.directory, "README.md"), join(staging, "README.md"));
  writeFileSync(join(staging, "package.json"), `${JSON.stringify(publishedManifest(target), null, 2)}\n`);
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", destination];
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd: staging, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm pack failed: ${stderr}`);
  console.log(join(destination, stdout.trim()));
} finally {
  rmSync(staging, { recursive: true, force: true });
}
