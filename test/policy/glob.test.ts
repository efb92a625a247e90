import fc from "fast-check";
// @ts-expect-error: it comes without types.
import picomatch from "picomatch";
import { describe, expect, test } from "vitest";
import { advance, isMatch, matchesSegment, newPlaces } from "../../src/policy/glob/match.js";
import { GlobError, parseNameGlob, parsePathGlob } from "../../src/policy/glob/parse.js";

const compile = picomatch as (glob: string, options: object) => (text: string) => boolean;

const places = newPlaces();

function matchesPath(glob: string, path: string): boolean {
  return parsePathGlob(glob).some((pattern) => advance(pattern, path, places) && isMatch(pattern, places));
}

function matchesName(glob: string, name: string): boolean {
  return parseNameGlob(glob).some((pattern) => matchesSegment(pattern, name, 0, name.length));
}

describe("paths", () => {
  test.each([
    ["/secret", ["/secret", "/secret/a", "/secret/a/b"], ["/", "/secre", "/secrets", "/a/secret", "/Secret"]],
    ["/secret/", ["/secret", "/secret/a"], ["/secrets"]],
    ["//secret//a", ["/secret/a", "/secret/a/b"], ["/secret"]],
    ["/secret/**", ["/secret", "/secret/.env", "/secret/a/b"], ["/", "/secrets"]],
    ["/secret/*", ["/secret/a", "/secret/.env"], ["/secret", "/secret/a/b"]],
    ["/secret/*/**", ["/secret/a", "/secret/a/b"], ["/secret"]],
    ["/", ["/", "/a", "/a/b"], []],
    ["**", ["/", "/a", "/.a/b"], []],
    ["/**", ["/", "/a/b"], []],
    ["**/.env", ["/.env", "/a/.env", "/a/b/.env", "/a/.env/x"], ["/a/x.env", "/a"]],
    ["/**/.git/**", ["/.git", "/a/.git", "/a/.git/config"], ["/a/.gitignore"]],
    ["/a/**/b", ["/a/b", "/a/x/b", "/a/x/y/b", "/a/b/b", "/a/b/c"], ["/a", "/b"]],
    ["/a/**/b/*.js", ["/a/b/x.js", "/a/b/c/b/x.js"], ["/a/b/c/x.js", "/a/b/x.ts"]],
    ["/a/*.{js,ts}", ["/a/x.js", "/a/.ts"], ["/a/x.jsx", "/a/b/x.js"]],
    ["/{a,b/c}/d", ["/a/d", "/b/c/d", "/a/d/e"], ["/b/d"]],
    ["/{a,b{c,d}}", ["/a", "/bc", "/bd", "/bd/x"], ["/b"]],
    ["/a?c", ["/abc", "/a.c", "/a😀c", "/aéc"], ["/ac", "/a/c", "/abbc"]],
    ["/[a-c][!x]", ["/ay", "/cé", "/b😀"], ["/ax", "/dy", "/a", "/ay/z"]],
    ["/[]a]", ["/]", "/a"], ["/b"]],
    ["/[^]a]", ["/b"], ["/]", "/a"]],
    ["/[a\\-c]", ["/-", "/a", "/c"], ["/b"]],
    ["/\\*", ["/*", "/*/a"], ["/a"]],
    ["/\\{a,b\\}", ["/{a,b}"], ["/a"]],
    ["/app/(group)/[[]id]", ["/app/(group)/[id]"], ["/app/group/[id]"]],
    ["/é/*", ["/é/a"], ["/e/a"]],
    ["/a**", ["/a", "/ab"], ["/a/b"]],
    ["secret/**", [], ["/secret/a", "/", "/secret"]],
    ["/a/../b", [], ["/b", "/a/b"]],
  ] as const)("%s", (glob, right, wrong) => {
    for (const path of right) expect(matchesPath(glob, path), path).toBe(true);
    for (const path of wrong) expect(matchesPath(glob, path), path).toBe(false);
  });

  test("are compared as picomatch compares them", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "."), minLength: 1, maxLength: 4 });
    const part = fc.oneof(
      name,
      fc.constantFrom("*", "**", "?", "[ab]", "[^a]", "*a", "a*", "*a*b", "{a,b}", "{a,.b}*"),
    );
    const path = fc.array(
      name.filter((text) => !/^\.{1,2}$/u.test(text)),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), path, (parts, names) => {
        // Ours covers what is below a last name; picomatch has `**` stand for none at the end after a plain
        // name alone; and dots alone are no names.
        fc.pre(/[*?]|\[/u.test(parts.at(-1) ?? "") && parts.at(-1) !== "**");
        fc.pre(!parts.some((text) => /^\.{1,2}$/u.test(text)));
        // At the root, picomatch's globstar takes a name at least.
        const glob = `/r/${parts.join("/")}`;
        const text = `/r/${names.join("/")}`;
        expect([glob, text, matchesPath(glob, text)]).toEqual([
          glob,
          text,
          compile(glob, { dot: true })(text),
        ]);
      }),
      { numRuns: 5000 },
    );
  });

  test("stay within a path's length by a pattern's, whatever both are", () => {
    const hostile: [string, string][] = [
      [`/**/${"*a".repeat(250)}b`, `/${"a".repeat(255)}`.repeat(15)],
      [`${"/**/a".repeat(31)}/b`, "/a".repeat(2000)],
      [`/${"*?".repeat(250)}b`, `/${"a".repeat(255)}`],
      [`/${"[a-z]*".repeat(80)}b`, `/${"a".repeat(255)}`],
      [`/${"{a,aa}".repeat(6)}*b`, `/${"a".repeat(255)}`],
    ];
    for (const [glob, path] of hostile) {
      const begun = performance.now();
      expect(matchesPath(glob, path)).toBe(false);
      expect(performance.now() - begun, glob.slice(0, 20)).toBeLessThan(250);
    }
  });
});

describe("names", () => {
  test.each([
    ["AWS_*", ["AWS_", "AWS_KEY"], ["aws_key", "XAWS_KEY"]],
    ["*", ["", "a", "a.b/c"], []],
    ["{HOME,PATH}", ["HOME", "PATH"], ["HOMEPATH"]],
    ["weather.*", ["weather.now"], ["weather"]],
    ["N?DE_[A-Z]*", ["NODE_ENV"], ["NODE_", "NODE_env"]],
  ] as const)("%s", (glob, right, wrong) => {
    for (const name of right) expect(matchesName(glob, name), name).toBe(true);
    for (const name of wrong) expect(matchesName(glob, name), name).toBe(false);
  });
});

test.each([
  ["", "not empty"],
  ["/a[b", '"[" is closed'],
  ["/a[b/c]", '"[" is closed'],
  ["/{a,b", '"{" is closed'],
  ["/a}", '"{" before it'],
  ["/{a}", "alternatives"],
  ["/{1..9}", "ranges"],
  ["/+(a)", "extended"],
  ["/!(a)", "extended"],
  ["/[z-a]", "lower"],
  ["/[[:alpha:]]", "classes"],
  ["/a\\", "end in"],
  [`/${"{a,b}".repeat(7)}`, "64 alternatives"],
  [`/${"{a,b}".repeat(100)}`, "64 alternatives"],
  [`/${"{".repeat(400)}`, "closed"],
  ["/a".repeat(64), "64 names"],
  [`/${"a".repeat(512)}`, "512"],
  ["/a\0", "NUL"],
])("%s is no glob", (glob, reason) => {
  expect(() => parsePathGlob(glob)).toThrow(GlobError);
  expect(() => parsePathGlob(glob)).toThrow(reason);
});
