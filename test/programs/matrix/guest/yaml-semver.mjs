// needs: js-yaml, semver
import * as yaml from "js-yaml";
import semver from "semver";

console.log(
  JSON.stringify(
    yaml.load("a: &x [1, 2.5, ~, true]\nb: *x\nc: |\n  text\n  more\nd: 2020-01-02\n? e\n: !!str 5\n"),
  ),
  yaml.dump({ a: [{ b: "x: y" }, "multi\nline"], n: null, d: new Date(0) }),
);
try {
  yaml.load("a: [1\nb: 2");
} catch (error) {
  console.log(error.name, error.message);
}
console.log(
  semver.satisfies("1.2.3", "^1.2 || >=3"),
  semver.inc("1.2.3", "prerelease", "beta"),
  semver.maxSatisfying(["1.0.0", "2.1.0", "2.0.5"], "~2.0"),
  semver.coerce("v3.4 beta").version,
  semver.diff("1.0.0", "2.0.0-a"),
  semver.validRange("1 - 3.x"),
);
