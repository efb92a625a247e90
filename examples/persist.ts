// Keeps the disk in a file: what one runtime has written the next one finds, in another process too.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";

const folder = mkdtempSync(join(tmpdir(), "agent-"));
const persist = join(folder, "agent.disk");

for (const visit of ["first", "second"]) {
  await using rt = await NodeRuntime.create({ persist });
  const { stdout } = await rt.exec(`
    import fs from "node:fs";
    fs.appendFileSync("visits.txt", ${JSON.stringify(visit)} + "\\n");
    console.log(fs.readFileSync("visits.txt", "utf8").trim().split("\\n").join(", "));
  `);
  console.log("visits:", stdout.trim());
  // For a power cut; without it nothing is lost when this process ends, in whatever way.
  await rt.sync();
}
rmSync(folder, { recursive: true });
