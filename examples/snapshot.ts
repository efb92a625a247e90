// Keeps a disk as it is, tries something out on a copy of it, and goes back.
import { NodeRuntime, Snapshot } from "secure-exec";

await using rt = await NodeRuntime.create({
  files: { "/home/user/notes.txt": "one\n" },
});
const snapshot = await rt.snapshot();

// A fork is a runtime of its own: what happens in it is not seen here.
{
  await using fork = await rt.fork();
  await fork.exec(`require("node:fs").rmSync("/home/user/notes.txt");`);
  console.log("in the fork:", await fork.exists("/home/user/notes.txt"));
}
console.log("here:", await rt.exists("/home/user/notes.txt"));

await rt.appendFile("/home/user/notes.txt", "two\n");

// What has become of the disk since then.
const { changed } = await rt.diff(snapshot);
console.log(
  "changed since:",
  changed.map(({ path }) => path),
);

// A snapshot can be kept as bytes, and a runtime made from it later.
const kept = snapshot.toBuffer();
await using earlier = await NodeRuntime.create({
  snapshot: Snapshot.fromBuffer(kept),
});
console.log(
  "now:",
  JSON.stringify(await rt.readFile("/home/user/notes.txt", "utf8")),
);
console.log(
  "then:",
  JSON.stringify(await earlier.readFile("/home/user/notes.txt", "utf8")),
);
