// needs: glob, fast-glob, rimraf, fs-extra
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import fastGlob from "fast-glob";
import fse from "fs-extra";
import { glob, globSync } from "glob";
import { rimraf } from "rimraf";

for (const name of ["a/b/c", "a/.hidden", "d e/f", "a/[x]"]) {
  mkdirSync(`tree/${name}`, { recursive: true });
  for (const file of ["one.js", "two.ts", ".dot.js", "three.test.js"])
    writeFileSync(`tree/${name}/${file}`, name);
}
symlinkSync("../a", "tree/d e/link");
symlinkSync("nowhere", "tree/broken");
symlinkSync(".", "tree/a/loop");
const sorted = (list) => list.map(String).sort();
console.log(
  sorted(await glob("tree/**/*.js")),
  sorted(globSync("tree/**/{one,two}.*", { dot: true, follow: true, ignore: "**/c/**" })),
  sorted(await glob("tree/*/", { mark: true, stat: true })),
);
console.log(
  (await glob("tree/*", { withFileTypes: true }))
    .map((path) => `${path.name} ${path.isSymbolicLink()} ${path.isDirectory()}`)
    .sort(),
);
console.log(
  sorted(await fastGlob(["tree/**/*.js", "!**/*.test.js"], { dot: true, followSymbolicLinks: false })),
  sorted(
    fastGlob.sync("tree/**", {
      onlyDirectories: true,
      deep: 3,
      followSymbolicLinks: false,
      markDirectories: true,
    }),
  ),
  sorted(
    await fastGlob("*.js", { cwd: "tree/a/b/c", stats: true }).then((e) =>
      e.map(({ path, stats }) => `${path} ${stats.size}`),
    ),
  ),
);
const streamed = [];
for await (const entry of fastGlob.stream("tree/*/*/*.ts", { unique: false, suppressErrors: true }))
  streamed.push(entry);
console.log(sorted(streamed));
await fse.copy("tree/a", "copy", { filter: (from) => !from.endsWith(".ts") });
await fse.outputJson("out/deep/x.json", { a: 1 }, { spaces: 2 });
await fse.move("copy/b", "moved/here");
await fse.ensureLink("out/deep/x.json", "out/hard.json");
await fse.ensureSymlink("out/deep", "out/soft");
fse.emptyDirSync("copy/[x]");
console.log(
  sorted(readdirSync("copy", { recursive: true })),
  sorted(readdirSync("moved", { recursive: true })),
  await fse.readJson("out/soft/x.json"),
  fse.readFileSync("out/hard.json", "utf8"),
  fse.statSync("out/hard.json").nlink,
  await fse.pathExists("nope"),
);
await fse
  .copy("moved", "moved/here/inside")
  .catch((error) => console.log(error.message.replaceAll(process.cwd(), "")));
fse.copySync("tree/a", "preserved", { preserveTimestamps: true, dereference: false });
console.log(fse.statSync("preserved/b").mtimeMs === fse.statSync("tree/a/b").mtimeMs);
await fse.remove("moved");
console.log(
  await rimraf("tree/**/*.ts", { glob: true }),
  await rimraf(["copy", "preserved", "out"]),
  existsSync("out"),
  sorted(readdirSync("tree", { recursive: true })).length,
);
