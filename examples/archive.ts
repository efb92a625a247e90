// Takes an archive in, whoever made it, lets a program work on what was in it, and sends it out again.
import { ArchiveError, NodeRuntime } from "secure-exec";

await using rt = await NodeRuntime.create({
  files: { "/home/user/project/index.js": `console.log("the project runs")` },
});

// A stream of a tar archive: to a file, over the network, or into another runtime.
await using other = await NodeRuntime.create();
await other.mkdir("/home/user/copy");
await other.importTar(rt.exportTar("/home/user/project"), "/home/user/copy");
const { stdout } = await other.exec(`import "./copy/index.js"`);
console.log("stdout:", stdout.trim());

// What is no archive, or reaches for other places, is refused as a whole.
try {
  await other.importTar(Buffer.alloc(2048, "no archive"), "/home/user/copy");
} catch (error) {
  if (!ArchiveError.isInstance(error)) throw error;
  console.log("refused:", error.problem);
}
