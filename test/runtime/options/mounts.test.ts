import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { checkCreateOptions } from "../../../src/runtime/options/create-options.js";
import { TestDirectory } from "../../broker/mounts/directory.js";

const refusal = (options: object): string => {
  try {
    checkCreateOptions(options);
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

describe("mounts", () => {
  test("nothing given mounts nothing", () => {
    expect(checkCreateOptions({ npm: false }).mounts).toBeUndefined();
    expect(checkCreateOptions({ mounts: [], npm: false }).mounts).toBeUndefined();
  });

  test("paths are made normal, and read-only is the default", () => {
    using dir = new TestDirectory();
    const { mounts } = checkCreateOptions({
      npm: false,
      mounts: [
        { guestPath: "/data/", hostPath: dir.path },
        { guestPath: "/work/../own", hostPath: pathToFileURL(dir.path), overlay: true },
      ],
    });
    expect(mounts?.mounts).toMatchObject([
      { path: "/data", sealed: true },
      { path: "/own", sealed: false },
    ]);
  });

  test("a host's path that is no directory is refused with the reason", () => {
    using dir = new TestDirectory({ file: "" });
    const mount = (hostPath: unknown) => refusal({ mounts: [{ guestPath: "/m", hostPath }] });
    expect(mount(dir.at("file"))).toMatch(/"mounts\[0\].hostPath" must be .*, which is no directory/);
    expect(mount(dir.at("nothing"))).toMatch(/which isn't there/);
    expect(mount(dir.at("file/x"))).toMatch(/which is no directory/);
    expect(mount("/")).toMatch(/which is all of this computer/);
    expect(mount("/../")).toMatch(/which is all of this computer/);
    expect(mount(undefined)).toMatch(/got undefined/);
    expect(mount("a\0b")).toMatch(/must be the path of a directory of this computer/);
  });

  test("a guest's path that is taken is refused", () => {
    using dir = new TestDirectory();
    const mount = (guestPath: unknown) => refusal({ mounts: [{ guestPath, hostPath: dir.path }] });
    for (const path of ["/", "/bin", "/etc/", "/proc", "/proc/self", "/dev/x", "/usr/bin"])
      expect(mount(path)).toMatch(/must be a directory of the guest that is missing or empty/);
    expect(mount("relative")).toMatch(/an absolute path in the guest/);
    expect(mount(undefined)).toMatch(/mounts\[0\].guestPath/);
    expect(mount("/home/user")).toBe("accepted");
  });

  test("mounts neither overlap nor hide files", () => {
    using dir = new TestDirectory();
    const at = (guestPath: string) => ({ guestPath, hostPath: dir.path });
    expect(refusal({ mounts: [at("/a"), at("/a/b")] })).toMatch(
      /a path apart from mounts\[0\].guestPath, "\/a"/,
    );
    expect(refusal({ mounts: [at("/a/b"), at("/a")] })).toMatch(/a path apart from/);
    expect(refusal({ mounts: [at("/a"), at("/a")] })).toMatch(/a path apart from/);
    expect(refusal({ mounts: [at("/a"), at("/ab")] })).toBe("accepted");
    expect(refusal({ mounts: [at("/node_modules")], nodeModules: dir.path })).toMatch(/a path apart from/);
    expect(refusal({ mounts: [at("/a")], files: { "/a/x": "" } })).toMatch(
      /apart from what is mounted at \/a/,
    );
    expect(refusal({ mounts: [at("/a/b")], files: { "/a": "" } })).toMatch(/apart from what is mounted/);
  });

  test("unknown and wrong options are refused", () => {
    using dir = new TestDirectory();
    const base = { guestPath: "/m", hostPath: dir.path };
    expect(refusal({ mounts: [{ ...base, readonly: true }] })).toMatch(/Did you mean "mounts\[0\].readOnly"/);
    expect(refusal({ mounts: [{ ...base, readOnly: "no" }] })).toMatch(/mounts\[0\].readOnly/);
    expect(refusal({ mounts: base })).toMatch(/"mounts" must be an array/);
    expect(refusal({ mounts: [null] })).toMatch(/"mounts\[0\]" must be an object/);
    expect(refusal({ mounts: Array(65).fill(base) })).toMatch(/at most 64/);
  });
});

describe("nodeModules", () => {
  test("a path, or more to say", () => {
    using dir = new TestDirectory({ "node_modules/a/index.js": "" });
    const at = dir.at("node_modules");
    expect(checkCreateOptions({ npm: false, nodeModules: at }).mounts?.mounts).toMatchObject([
      { path: "/node_modules" },
    ]);
    const nodeModules = { hostPath: at, guestPath: "/app/node_modules" };
    const { mounts } = checkCreateOptions({ npm: false, nodeModules });
    expect(mounts?.mounts).toMatchObject([{ path: "/app/node_modules", sealed: true }]);
  });

  test("the root of a workspace is mounted, and a link leads into it", () => {
    using dir = new TestDirectory({ "apps/x/node_modules/a/index.js": "" });
    const { mounts } = checkCreateOptions({
      npm: false,
      nodeModules: { hostPath: dir.at("apps/x/node_modules"), root: dir.path },
    });
    expect(mounts?.mounts).toMatchObject([{ path: "/workspace" }]);
    expect(mounts?.links).toEqual([{ path: "/node_modules", target: "/workspace/apps/x/node_modules" }]);
  });

  test("what can't be", () => {
    using dir = new TestDirectory({ "a/x": "", "b/x": "" });
    writeFileSync(dir.at("file"), "");
    expect(refusal({ nodeModules: dir.at("file") })).toMatch(/"nodeModules" must be .*which is no directory/);
    expect(refusal({ nodeModules: 5 })).toMatch(/"nodeModules" must be/);
    expect(refusal({ nodeModules: { hostpath: dir.path } })).toMatch(/Did you mean "nodeModules.hostPath"/);
    expect(refusal({ nodeModules: { hostPath: dir.at("a"), root: dir.at("b") } })).toMatch(
      /nodeModules.root/,
    );
    expect(refusal({ nodeModules: { hostPath: dir.at("a"), root: dir.at("a") } })).toMatch(
      /nodeModules.root/,
    );
  });
});
