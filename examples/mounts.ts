// Shows directories of this computer to guest programs: one to read, one to change without a trace, and packages.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { memoryMount } from "secure-exec/mounts";

const directory = mkdtempSync(join(tmpdir(), "example-"));
writeFileSync(join(directory, "prices.csv"), "apple,3\npear,4\n");

{
  await using rt = await NodeRuntime.create({
    mounts: [
      { guestPath: "/data", hostPath: directory },
      { guestPath: "/work", hostPath: directory, overlay: true },
      {
        guestPath: "/notes",
        backend: memoryMount({ "todo.txt": "water the plum\n" }),
      },
    ],
    nodeModules: new URL("../node_modules", import.meta.url),
  });

  const { stdout } = await rt.exec(`
    import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
    import { sum } from "lodash-es";

    const prices = readFileSync("/data/prices.csv", "utf8").trim().split("\\n").map((line) => Number(line.split(",")[1]));
    console.log("sum:", sum(prices));
    try { writeFileSync("/data/prices.csv", "") } catch (error) { console.log(error.message) }
    appendFileSync("/work/prices.csv", "plum,5\\n");
    console.log("to do:", readFileSync("/notes/todo.txt", "utf8").trim());
  `);
  console.log(stdout.trim());
  console.log(
    "in the machine:",
    (await rt.readFile("/work/prices.csv", "utf8")).split("\n").length - 1,
    "lines",
  );

  // What changes here is seen by the next call.
  writeFileSync(join(directory, "prices.csv"), "apple,30\n");
  console.log("now:", (await rt.readFile("/data/prices.csv", "utf8")).trim());
}

console.log(
  "here:",
  readFileSync(join(directory, "prices.csv"), "utf8").trim(),
);
rmSync(directory, { recursive: true });
