import { readFileSync } from "node:fs";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { expect, test } from "vitest";
import { type DatabaseServer, databaseServers, isInstalled, startDatabase } from "./database-servers.ts";
import { packagesFolder } from "./packages.ts";
import { runPlain } from "./plain-node.ts";
import { expectSame } from "./same-as-plain.ts";

const nodeModules = join(packagesFolder, "node_modules");

for (const [name, server] of Object.entries<DatabaseServer>(databaseServers)) {
  const missing = isInstalled(server) ? "" : ` (skipped: ${server.programs.join(" and ")} not installed)`;
  test.skipIf(missing !== "")(`${name} uses a server of the host's as on plain Node${missing}`, async () => {
    await using database = await startDatabase(server);
    const { port } = database;
    const code = readFileSync(join(import.meta.dirname, "databases", `${name}.mjs`), "utf8");
    const args = ["--input-type=module", "--eval", code, String(port)];
    const theirs = await runPlain(args, packagesFolder);
    await using runtime = await NodeRuntime.create({ nodeModules, loopbackExemptPorts: [port] });
    const ours = await runtime.exec(code, { args: [String(port)], timeout: 50_000 });
    expectSame(ours, theirs);
    expect(theirs.exitCode).toBe(0);
  });
}
