import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const user = mkdtempSync(join(tmpdir(), "secure-exec-user-"));
// The user's npm runs on the machine's own Node, not on the one that npm put first for this test.
const hostNode = process.env["npm_node_execpath"] ?? process.execPath;
const path = (process.env["PATH"] ?? "").split(":").filter((entry) => !entry.includes("node_modules/.bin"));
const env: NodeJS.ProcessEnv = {
  HOME: process.env["HOME"],
  PATH: [join(hostNode, ".."), ...path].join(":"),
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_loglevel: "error",
};

function run(command: string, args: string[], cwd: string): string {
  return execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
}

beforeAll(() => {
  run("npm", ["pack", "--ignore-scripts", "--pack-destination", user], root);
  run(hostNode, ["packages/build.mjs", "--pack", user], root);
  writeFileSync(
    join(user, "package.json"),
    JSON.stringify({ name: "app", private: true, type: "module", scripts: { which: "node -v" } }),
  );
  const tarballs = readdirSync(user)
    .filter((name) => name.endsWith(".tgz"))
    .map((name) => join(user, name));
  run("npm", ["install", ...tarballs], user);
}, 300_000);

afterAll(() => rmSync(user, { recursive: true, force: true }));

test("installing the package leaves the user's own node as it was", () => {
  expect(run("npm", ["run", "--silent", "which"], user).trim()).toBe(run(hostNode, ["-v"], user).trim());
  expect(existsSync(join(user, "node_modules/.bin/node"))).toBe(false);
});

test("the installed package runs the first example on the user's own node", () => {
  writeFileSync(
    join(user, "main.js"),
    `import { NodeRuntime } from "secure-exec";
     const rt = await NodeRuntime.create();
     const { value } = await rt.run("__return(process.version)");
     console.log(value);
     await rt.dispose();`,
  );
  expect(run(hostNode, ["main.js"], user).trim()).toBe("v26.10.0");
});

test("the tarball holds what runs and what explains, and nothing else", () => {
  const listed = run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], root);
  const [{ files }] = JSON.parse(listed) as [{ files: { path: string }[] }];
  const names = files.map(({ path }) => path);
  expect(names).toContain("dist/index.js");
  expect(names).toContain("dist/index.d.ts");
  expect(names).toContain("dist/image/kernel.cjs");
  expect(names).toContain("dist/image/guest.js");
  expect(names).toContain("LICENSE");
  expect(names.filter((name) => !/^(dist\/|package\.json|LICENSE|[A-Z]+\.md)/.test(name))).toEqual([]);
});
