import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type CreateOptions, NodeRuntime, NpmError, registryOnly } from "secure-exec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Registry, type TestPackage } from "./registry.ts";

const packages: Record<string, TestPackage> = {
  greeting: {
    manifest: { main: "index.cjs", dependencies: { names: "^1.0.0" } },
    files: { "index.cjs": "module.exports = () => 'Good morning, ' + require('names')[0];" },
  },
  names: { manifest: { main: "index.cjs" }, files: { "index.cjs": "module.exports = ['Ada'];" } },
  tool: {
    manifest: { bin: { tool: "tool.cjs" } },
    files: { "tool.cjs": "#!/usr/bin/env node\nconsole.log('tool', ...process.argv.slice(2));" },
  },
  scripted: {
    manifest: { scripts: { install: "node -e \"require('fs').writeFileSync('made', os.hostname())\"" } },
  },
  addon: { files: { "binding.gyp": "{}" }, manifest: { scripts: { install: "node-gyp rebuild" } } },
  // npm takes none that becomes a thousand times larger.
  large: { files: { "large.bin": Buffer.alloc(96 << 20, randomBytes(16_384)) } },
};

let registry: Registry;
let scratch: string;
beforeAll(async () => {
  registry = await Registry.start(packages);
  scratch = mkdtempSync(join(tmpdir(), "secure-exec-npm-"));
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true });
});

const create = (options: CreateOptions = {}): Promise<NodeRuntime> =>
  NodeRuntime.create({
    env: { npm_config_registry: registry.url, npm_config_audit: "false", npm_config_fund: "false" },
    permissions: { network: registryOnly(registry.url) },
    ...options,
  });

describe("the command npm", () => {
  it("installs, by what was asked for and by a lock file, and runs scripts and commands of packages", async () => {
    await using rt = await create({
      files: { "/home/user/package.json": JSON.stringify({ scripts: { hi: "tool from a script" } }) },
    });
    const sh = async (line: string) => {
      const { stdout, stderr, exitCode } = await rt.command("sh", ["-c", line]);
      expect([stderr, exitCode]).toEqual(["", 0]);
      return stdout;
    };
    expect(await sh("npm install greeting tool")).toContain("added 3 packages");
    const use = "console.log((await import('greeting')).default())";
    expect((await rt.exec(use)).stdout).toBe("Good morning, Ada\n");
    expect(await sh("npm run --silent hi")).toBe("tool from a script\n");
    expect(await sh("npx tool 'a  b'")).toBe("tool a  b\n");
    expect(await sh("npm ci")).toContain("added 3 packages");
    expect((await rt.exec(use)).stdout).toBe("Good morning, Ada\n");
    expect(await sh("cd /tmp && npx --yes tool once")).toBe("tool once\n");
  });

  it("runs install scripts in the guest", async () => {
    await using rt = await create();
    await rt.npm.install(["scripted"]);
    expect(await rt.readFile("/home/user/node_modules/scripted/made", "utf8")).toBe("secure-exec");
  });

  it("says of native addons that there can be none", async () => {
    await using rt = await create();
    const { stderr, exitCode } = await rt.command("npm", ["install", "addon"]);
    expect(stderr).toContain(
      "addon is to be compiled to a native addon, which this machine can neither build",
    );
    expect(exitCode).toBe(1);
  });

  it("says that the disk is full, and the runtime lives", async () => {
    await using rt = await create({ limits: { diskBytes: 64 << 20 } });
    const { stderr, exitCode } = await rt.command("npm", ["install", "large"]);
    expect(stderr).toContain("npm error code ENOSPC");
    expect(stderr).toContain("no space left on device");
    expect(exitCode).not.toBe(0);
    expect((await rt.command("npm", ["--version"])).exitCode).toBe(0);
  });

  it("reaches no registry where the network is denied, and nothing but the registry by its rule", async () => {
    const elsewhere = { npm_config_registry: "http://registry.example/" };
    await using denied = await create({ env: elsewhere, permissions: {} });
    const { stderr, exitCode } = await denied.command("npm", ["install", "names", "--fetch-retries=0"]);
    expect(stderr).toContain("EACCES");
    expect(exitCode).not.toBe(0);
    await using rt = await create();
    const { stdout } = await rt.exec(
      `for (const url of ["http://127.0.0.2:80/", "http://example.com/", process.env.npm_config_registry])
         console.log(await fetch(url).then((r) => r.status, (e) => e.cause.code));`,
    );
    expect(stdout).toBe("ECONNREFUSED\nEACCES\n404\n");
  });

  it("isn't there where nobody wants it", async () => {
    await using rt = await NodeRuntime.create({ npm: false });
    expect((await rt.command("npm", ["--version"])).exitCode).toBe(127);
    expect(await rt.exists("/usr/local/lib/node_modules/npm")).toBe(false);
  });
});

describe("rt.npm.install()", () => {
  it("tells of its progress and of what has changed", async () => {
    await using rt = await create();
    await rt.mkdir("/home/user/app");
    const urls: string[] = [];
    const result = await rt.npm.install(["greeting"], {
      cwd: "/home/user/app",
      args: ["--save-dev"],
      onProgress: ({ fetched, url }) => expect(urls.push(url)).toBe(fetched),
    });
    expect(result).toEqual({ added: 2, changed: 0, removed: 0, stderr: "" });
    expect(urls.some((url) => url.endsWith("names-1.0.0.tgz"))).toBe(true);
    const { devDependencies } = JSON.parse(await rt.readFile("/home/user/app/package.json", "utf8"));
    expect(devDependencies).toEqual({ greeting: "^1.0.0" });
    expect(await rt.npm.install([], { cwd: "/home/user/app" })).toMatchObject({ added: 0 });
  });

  it("rejects with what npm says", async () => {
    await using rt = await create();
    const failure = await rt.npm.install(["no-such-package"]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NpmError);
    expect(failure).toMatchObject({ code: "ERR_SECURE_EXEC_NPM", npmCode: "E404", exitCode: 1 });
    expect((failure as NpmError).message).toContain("Not Found");
    await expect(rt.npm.install(["--global"])).rejects.toThrow(/options go into args/);
    await expect(rt.npm.install(["names"], { sginal: 1 } as never)).rejects.toThrow(/"signal"/);
    await expect(rt.npm.install("names" as never)).rejects.toThrow(/an array of strings/);
  });

  it("ends when it is aborted, and when its callback throws", async () => {
    await using rt = await create();
    const reason = new Error("enough");
    const controller = new AbortController();
    const aborted = rt.npm.install(["greeting"], {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(aborted).rejects.toBe(reason);
    const thrown = rt.npm.install(["tool"], {
      onProgress: () => {
        throw reason;
      },
    });
    await expect(thrown).rejects.toBe(reason);
  });
});

describe("the cache of packages", () => {
  const contents = (cache: string): string[] =>
    readdirSync(cache, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  async function install(cache: string, name: string): Promise<number> {
    const before = registry.fetched(name);
    await using rt = await create({ npm: { cache } });
    await rt.npm.install([name]);
    expect((await rt.exec(`require("${name}")`)).exitCode).toBe(0);
    return registry.fetched(name) - before;
  }

  it("serves what another runtime has fetched, and nothing that was changed", async () => {
    const cache = join(scratch, "shared");
    expect(await install(cache, "names")).toBe(1);
    const [file, ...others] = contents(cache);
    expect(others).toEqual([]);
    expect(await install(cache, "names")).toBe(0);
    writeFileSync(file as string, "something else");
    expect(await install(cache, "names")).toBe(1);
    // It was mended meanwhile.
    expect(await install(cache, "names")).toBe(0);
  });

  it("keeps no more than it may", async () => {
    const cache = join(scratch, "small");
    await using rt = await create({ npm: { cache, cacheBytes: 10 } });
    await rt.npm.install(["names"]);
    expect(contents(cache)).toEqual([]);
  });
});

describe("the registry that npm is configured for", () => {
  it("is reached by registryOnly()", async (context) => {
    const view = promisify(execFile)("npm", ["view", "zod", "version", "--fetch-retries=0"], {
      timeout: 10_000,
    });
    if ((await view.catch(() => null)) === null) context.skip("npm's registry can't be reached from here");
    await using rt = await NodeRuntime.create({ permissions: { network: registryOnly() } });
    expect(await rt.npm.install(["zod"])).toMatchObject({ added: 1 });
    expect((await rt.exec('import { z } from "zod"; console.log(z.number().parse(1))')).stdout).toBe("1\n");
  });
});
