import { expect, test } from "vitest";
import { checkCreateOptions } from "../../../src/runtime/options/create-options.js";
import { TestDirectory } from "../../broker/mounts/directory.js";

const NPM = "/usr/local/lib/node_modules/npm";

const refusal = (options: object): string => {
  try {
    checkCreateOptions(options);
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

test("npm is mounted by itself, and nothing of it changes", () => {
  const { mounts } = checkCreateOptions({});
  expect(mounts).toMatchObject({ changing: false, mounts: [{ path: NPM, sealed: true }] });
  expect(mounts?.links.map(({ path }) => path)).toEqual(["/usr/local/bin/npm", "/usr/local/bin/npx"]);
});

test("packages of the host in its place stand, unless npm was asked for", () => {
  using dir = new TestDirectory();
  const mounts = [{ guestPath: "/usr/local/lib/node_modules", hostPath: dir.path }];
  expect(checkCreateOptions({ mounts }).mounts?.mounts).toMatchObject([mounts[0] && { sealed: true }]);
  expect(refusal({ mounts, npm: {} })).toMatch(/"npm" must be a path apart from mounts\[0\].guestPath/);
});

test("a cache is a directory, with room for so many bytes", () => {
  const { mounts, npmCache } = checkCreateOptions({ npm: { cache: "/nowhere/at/all" } });
  expect(mounts?.mounts.map(({ sealed }) => sealed)).toEqual([true, false]);
  expect(npmCache).toBeDefined();
  expect(refusal({ npm: { cache: "" } })).toMatch(/"npm.cache"/);
  expect(refusal({ npm: { cache: 1 } })).toMatch(/"npm.cache"/);
  expect(refusal({ npm: { cache: "x", cacheBytes: -1 } })).toMatch(/"npm.cacheBytes"/);
  expect(refusal({ npm: { cach: "x" } })).toMatch(/npm\.cache/);
  expect(refusal({ npm: true })).toMatch(/"npm" must be an object/);
});
