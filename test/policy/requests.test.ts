import { describe, expect, test } from "vitest";
import { InvalidOptionError } from "../../src/errors/invalid-option-error.js";
import { NetworkRules } from "../../src/policy/network.js";
import type { NetworkRule } from "../../src/policy/permissions.js";
import { plainPath } from "../../src/policy/requests.js";
import { findRulesWithoutEffect } from "../../src/policy/without-effect.js";
import { checkPermissions } from "../../src/runtime/options/permissions.js";

function rulesOf(...rules: NetworkRule[]): NetworkRules {
  return new NetworkRules(checkPermissions({ network: { rules } }).network);
}

const allow = (...patterns: string[]): NetworkRule => ({ mode: "allow", patterns });
const deny = (...patterns: string[]): NetworkRule => ({ mode: "deny", patterns });

/** As the request goes out: unlike `URL`, nothing of its path is resolved. */
function may(rules: NetworkRules, method: string, url: string): boolean {
  const { protocol, hostname, port } = new URL(url);
  const scheme = protocol === "http:" ? "http" : "https";
  const path = url.slice(url.indexOf("/", `${protocol}//`.length));
  const target = {
    host: hostname,
    port: Number(port) || (scheme === "http" ? 80 : 443),
    request: { scheme, method, path },
  } as const;
  return rules.decide("connect", target).allowed;
}

describe("requests", () => {
  const rules = rulesOf(
    allow("GET,HEAD https://api.example/v1/**", "http://plain.example:8080/{a,b}/*.json"),
    allow("POST http://10.0.0.5/in"),
  );
  test.each<[string, string, boolean]>([
    ["GET", "https://api.example/v1/a", true],
    ["HEAD", "https://api.example/v1/a/b?c=/../..", true],
    ["GET", "https://api.example/v1", true],
    ["GET", "https://api.example/v1/a%20b", true],
    ["POST", "https://api.example/v1/a", false],
    ["get", "https://api.example/v1/a", false],
    ["GET", "https://api.example/v2/a", false],
    ["GET", "https://api.example/v1x/a", false],
    ["GET", "http://api.example/v1/a", false],
    ["GET", "https://api.example:8443/v1/a", false],
    ["GET", "https://sub.api.example/v1/a", false],
    ["GET", "http://plain.example:8080/a/x.json", true],
    ["DELETE", "http://plain.example:8080/b/x.json", true],
    ["GET", "http://plain.example:8080/a/b/x.json", false],
    ["GET", "http://plain.example/a/x.json", false],
    ["POST", "http://10.0.0.5/in", true],
    ["GET", "http://10.0.0.5/in", false],
  ])("%s %s: %s", (method, url, allowed) => {
    expect(may(rules, method, url)).toBe(allowed);
  });

  test("whoever may ask something of a host may look it up, and nothing else", () => {
    expect(rules.decide("dns", { host: "api.example" }).allowed).toBe(true);
    expect(rules.decide("dns", { host: "other.example" }).allowed).toBe(false);
    expect(rules.decide("connect", { host: "api.example", port: 443 }).allowed).toBe(false);
    expect(rules.decide("udp", { host: "api.example", port: 443 }).allowed).toBe(false);
  });

  test("a denial of some requests is none of a look-up", () => {
    const some = rulesOf(deny("POST https://api.example"), allow("api.example"));
    expect(some.decide("dns", { host: "api.example" }).allowed).toBe(true);
    expect(may(some, "GET", "https://api.example/")).toBe(true);
    expect(may(some, "POST", "https://api.example/")).toBe(false);
    expect(may(some, "post", "https://api.example/")).toBe(false);
  });
});

describe("a path that servers may read in several ways", () => {
  const paths = [
    "/a/../admin",
    "/a/./b",
    "//admin",
    "/a//admin",
    "/a/%2e%2e/admin",
    "/a%2fadmin",
    "/a%5cadmin",
    "/a\\admin",
    "/admin;x=1",
    "/%2561dmin",
    "/a%00",
    "/a%0d%0ab",
    "/a%3fb",
    "/a#b",
    "/a%",
    "/a%ff",
    "*",
    "",
  ];
  test.each(paths)("%j is none that is allowed, and any that is denied", (path) => {
    expect(plainPath(path)).toBeNull();
    const request = { scheme: "http" as const, method: "GET", path };
    const target = { host: "a.example", port: 80, request };
    expect(rulesOf(allow("http://a.example/**")).decide("connect", target).allowed).toBe(false);
    const most = rulesOf(deny("http://a.example/admin"), allow("a.example"));
    expect(most.decide("connect", target)).toEqual({ allowed: false, rule: 0 });
  });

  test("escapes of other characters hide nothing", () => {
    const most = rulesOf(deny("http://a.example/admin"), allow("a.example"));
    expect(may(most, "GET", "http://a.example/%61dmin/x")).toBe(false);
    expect(may(most, "GET", "http://a.example/admin/")).toBe(false);
    expect(may(most, "GET", "http://a.example/administrator")).toBe(true);
  });
});

test("a scheme without methods and paths is a port", () => {
  const { network } = checkPermissions({
    network: { rules: [allow("https://a.example", "http://b.example:*")] },
  });
  expect(network).toMatchObject({
    rules: [
      {
        patterns: [
          { host: { name: "a.example" }, ports: [443, 443] },
          { host: { name: "b.example" }, ports: null },
        ],
      },
    ],
  });
});

test.each<[string, RegExp]>([
  ["ftp://a.example/", /GET https:\/\/example\.com\/v1/],
  ["get https://a.example/", /capital letters/],
  ["GET a.example", /GET https:\/\/example\.com\/v1/],
  ["GET,, https://a.example/", /capital letters/],
  ["https://user@a.example/", /host/],
  ["https://192.0.2.1/v1", /a host with a name/],
  ["https://a.example:0/v1", /port/],
  ["https:///v1", /GET https/],
])("%j is refused", (pattern, message) => {
  const check = () => checkPermissions({ network: { rules: [allow(pattern)] } });
  expect(check).toThrow(InvalidOptionError);
  expect(check).toThrow(message);
});

test("rules about requests that decide nothing are found", () => {
  const found = (...rules: NetworkRule[]) =>
    findRulesWithoutEffect(checkPermissions({ network: { rules } })).length;
  expect(found(allow("a.example"), deny("POST https://a.example"))).toBe(1);
  expect(found(allow("https://a.example/v1"), deny("POST https://a.example/v1/x"))).toBe(1);
  expect(found(allow("GET https://a.example/v1"), deny("POST https://a.example/v1/x"))).toBe(0);
  expect(found(allow("https://a.example/v1"), allow("a.example"))).toBe(0);
});

test("rules that could only decide about look-ups, which have no ports, are found", () => {
  const found = (...rules: NetworkRule[]) => findRulesWithoutEffect(checkPermissions({ network: { rules } }));
  const dns = (mode: "allow" | "deny", ...patterns: string[]): NetworkRule => ({
    ...{ mode, operations: ["dns"], patterns },
  });
  const nothing = "none of its patterns is about what its operations are";
  expect(found(dns("deny", "a.example:80"))).toEqual([`network.rules[0] never decides: ${nothing}`]);
  expect(found(dns("deny", "https://a.example/v1"))).toEqual([`network.rules[0] never decides: ${nothing}`]);
  expect(found({ ...dns("allow", "https://a.example/v1"), operations: ["udp"] })).toHaveLength(1);
  expect(found(dns("deny", "a.example:80", "a.example"))).toEqual([]);
  // Any port of a rule that allows lets the name be looked up: the second one has nothing left to say.
  expect(found(dns("allow", "a.example:80"), dns("deny", "a.example"))).toHaveLength(1);
  expect(found(deny("a.example:80"), dns("allow", "a.example"))).toEqual([]);
  expect(found(deny("a.example:80"), allow("a.example:80"))).toEqual([]);
});
