// needs: archiver, tar, yauzl, adm-zip, jszip
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { pipeline } from "node:stream/promises";
import AdmZip from "adm-zip";
import * as archiver from "archiver";
import JSZip from "jszip";
import * as tar from "tar";
import yauzl from "yauzl";

mkdirSync("in/deep/er", { recursive: true });
writeFileSync("in/a.txt", "text ".repeat(2000));
writeFileSync("in/deep/b.bin", Buffer.alloc(100_000, 7), { mode: 0o600 });
writeFileSync("in/deep/er/run.sh", "#!/bin/sh\n", { mode: 0o755 });
symlinkSync("a.txt", "in/link");
const mtime = new Date(Date.UTC(2020, 0, 1));
const archive = archiver.ZipArchive
  ? new archiver.ZipArchive({ zlib: { level: 9 } })
  : archiver.default("zip", { zlib: { level: 9 } });
const done = pipeline(archive, createWriteStream("out.zip"));
archive.directory("in/", "inside", { date: mtime });
archive.append("from memory", { name: "memory.txt", date: mtime });
archive.finalize();
await done;
const zip = await new Promise((resolve, reject) =>
  yauzl.open("out.zip", { lazyEntries: true }, (error, file) => (error ? reject(error) : resolve(file))),
);
const entries = [];
await new Promise((resolve) => {
  zip.on("entry", (entry) => {
    zip.openReadStream(entry, async (_error, stream) => {
      let size = 0;
      if (stream) for await (const chunk of stream) size += chunk.length;
      entries.push(`${entry.fileName} ${entry.uncompressedSize} ${size}`);
      zip.readEntry();
    });
  });
  zip.on("end", resolve);
  zip.readEntry();
});
console.log(entries.sort());
await tar.create({ file: "out.tgz", gzip: true, cwd: "in", portable: true, mtime }, ["."]);
const listed = [];
await tar.list({
  file: "out.tgz",
  onReadEntry: (entry) => listed.push(`${entry.path} ${entry.type} ${entry.size} ${entry.mode?.toString(8)}`),
});
console.log(listed.sort());
mkdirSync("untarred");
await tar.extract({ file: "out.tgz", cwd: "untarred" });
console.log(
  readdirSync("untarred", { recursive: true }).sort(),
  statSync("untarred/deep/er/run.sh").mode.toString(8),
  readFileSync("untarred/link", "utf8").length,
);
mkdirSync("again");
await pipeline(
  createReadStream("out.tgz"),
  tar.x({ cwd: "again", strip: 1, filter: (path) => !path.includes("deep") }),
);
console.log(readdirSync("again"));
const adm = new AdmZip();
adm.addLocalFolder("in", "x");
adm.addFile("y/z.txt", Buffer.from("zip"), "comment");
adm.writeZip("adm.zip");
const read = new AdmZip("adm.zip");
console.log(
  read
    .getEntries()
    .map((e) => `${e.entryName} ${e.header.size}`)
    .sort(),
  read.readAsText("y/z.txt"),
);
read.extractAllTo("unzipped", true);
console.log(readdirSync("unzipped", { recursive: true }).sort());
const js = new JSZip();
js.file("a/b.txt", "hello", { date: mtime });
const bytes = await js.generateAsync({ type: "nodebuffer", compression: "DEFLATE" });
console.log(bytes.length, await (await JSZip.loadAsync(bytes)).file("a/b.txt").async("string"));
