import { registryOnly } from "secure-exec";
import { expect, test } from "vitest";

const patterns = (registry: string | URL) => registryOnly(registry).rules[0]?.patterns;

test("a registry is allowed by its name and port, or by its address", () => {
  expect(patterns("https://192.0.2.7:8443/npm/")).toEqual(["192.0.2.7:8443"]);
  expect(patterns(new URL("http://[2001:db8::1]:4873"))).toEqual(["[2001:db8::1]:4873"]);
  expect(patterns("https://registry.invalid/")).toEqual(["registry.invalid:443"]);
});

test("one on this computer's loopback is allowed there too", () => {
  expect(patterns("http://localhost:4873/")).toContain("127.0.0.1:4873");
});

test("nothing else is", () => {
  expect(registryOnly("http://user:word@registry.invalid")).toEqual({
    default: "deny",
    rules: [{ mode: "allow", operations: ["connect", "dns"], patterns: ["registry.invalid:80"] }],
  });
});

test("what is no registry's URL is refused", () => {
  for (const wrong of ["ftp://registry.invalid", "registry.invalid", "", null, 1])
    expect(() => registryOnly(wrong as string)).toThrow(/"registry" must be the URL of a registry/);
});
