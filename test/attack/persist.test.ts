import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { afterAll, expect, test } from "vitest";
import { fileAttacks } from "./tricks.js";

const folder = mkdtempSync(join(tmpdir(), "secure-exec-persist-"));
const persist = join(folder, "disk");
const limits = { diskBytes: 4 * 1024 * 1024, inodes: 512 };
afterAll(() => rmSync(folder, { recursive: true }));

test("a program knows nothing of the file, and can't make it larger than it is", async () => {
  await using rt = await NodeRuntime.create({ persist, limits });
  const { size } = statSync(persist);
  const header = readFileSync(persist).subarray(0, 65536);
  const steps = Object.entries(fileAttacks)
    .filter(([name]) => !/Worker|module.register|cluster|test runner|fork|execve/.test(name))
    .map(
      ([name, expression]) => `
      await Promise.race([new Promise((r) => setTimeout(r, 500)), (async () => {
        const got = ${expression};
        console.log(${JSON.stringify(name)}, "GOT", typeof got === "string" ? got : require("node:util").inspect(got));
      })().catch((error) => console.log(${JSON.stringify(name)}, "REFUSED", error?.message))]);`,
    );
  const names = `const [FILE, FOLDER, PORT, HOSTPID] = ${JSON.stringify([persist, folder, 1, process.pid])};`;
  const { stdout } = await rt.exec(
    `const fs = require("node:fs"); ${names} ${steps.join("\n")}
     try { fs.writeFileSync("/home/user/full", Buffer.alloc(8 << 20)); } catch (error) { console.log(error.code); }
     console.log("ALL");`,
    { timeout: 60_000 },
  );
  expect(stdout).toContain("ENOSPC");
  expect(stdout).toContain("ALL");
  expect(stdout).not.toContain("SXDISK");
  const seen = await rt.exec(`
    const fs = require("node:fs");
    for (const path of ["/proc/self/maps", "/proc/self/mounts", "/proc/mounts", "/proc/self/fd"]) {
      try { console.log(fs.statSync(path).isDirectory() ? fs.readdirSync(path).join() : fs.readFileSync(path, "utf8")); } catch {}
    }`);
  expect(seen.stdout + seen.stderr).not.toContain(folder);
  expect(statSync(persist).size).toBe(size);
  expect(readFileSync(persist).subarray(0, 65536).equals(header)).toBe(true);
});
