// Puts files on the machine's disk, lets a program work on them, and reads what it made.
import { NodeRuntime } from "secure-exec";

await using rt = await NodeRuntime.create({
  files: {
    "/home/user/names.csv": "name,year\nAda,1815\nGrace,1906\n",
    "/home/user/lib/csv.mjs": `
      export const parse = (text) => text.trim().split("\\n").slice(1).map((line) => line.split(","));
    `,
  },
});

const { exitCode } = await rt.exec(`
  import { readFileSync, writeFileSync } from "node:fs";
  import { parse } from "./lib/csv.mjs";

  const people = parse(readFileSync("names.csv", "utf8"));
  writeFileSync("names.json", JSON.stringify(people));
`);
console.log("exit code:", exitCode);
console.log("made:", await rt.readFile("/home/user/names.json", "utf8"));

// The disk stays from call to call; a path is always one of the guest.
console.log("there:", (await rt.readdir("/home/user")).sort().join(", "));
const missing = await rt
  .readFile("/etc/shadow", "utf8")
  .catch((error) => error);
console.log("missing:", missing.message);
