import { afterAll, beforeAll, expect, test } from "vitest";
import type { NameResolver } from "../../../src/broker/egress/index.js";
import type { RunResult } from "../../../src/runtime/result.js";
import type { Runtime } from "../../../src/runtime/runtime.js";
import { startRuntime } from "./guest.js";

const asked: string[] = [];

function missing(): never {
  throw Object.assign(new Error("none"), { code: "ENOTFOUND" });
}

/** Records in the shapes of `node:dns`. */
const records: Record<string, unknown> = {
  A: [{ address: "93.184.216.34", ttl: 60 }],
  AAAA: [{ address: "2606:2800:220:1::1", ttl: 61 }],
  ANY: [
    { type: "A", address: "93.184.216.34", ttl: 60 },
    { type: "A", address: "10.0.0.1", ttl: 60 },
    { type: "MX", exchange: "mx.example", priority: 1 },
  ],
  CAA: [{ critical: 0, issue: "ca.example" }],
  CNAME: ["b.example"],
  MX: [{ exchange: "mx.example", priority: 10 }],
  NAPTR: [
    { flags: "s", service: "SIP+D2U", regexp: "", replacement: "x.example", order: 30, preference: 100 },
  ],
  NS: ["ns.example"],
  PTR: ["p.example"],
  SOA: {
    nsname: "ns.example",
    hostmaster: "root.example",
    serial: 1,
    refresh: 2,
    retry: 3,
    expire: 4,
    minttl: 5,
  },
  SRV: [{ name: "s.example", port: 21, priority: 10, weight: 5 }],
  TLSA: [{ certUsage: 3, selector: 1, match: 1, data: new Uint8Array([1, 2, 255]).buffer }],
  TXT: [["v=1", "more"]],
};

const resolver: NameResolver = {
  async lookup(name) {
    asked.push(name);
    return name === "a.example" ? ["2606:2800:220:1::1", "93.184.216.34", "10.0.0.1"] : missing();
  },
  async records(kind, name) {
    asked.push(name);
    return name === "a.example" ? records[kind] : missing();
  },
  async reverse(address) {
    asked.push(address);
    return ["a.example"];
  },
};

let runtime: Runtime;
beforeAll(async () => {
  const rules = [{ mode: "allow" as const, patterns: ["a.example", "gone.example", "93.184.0.0/16"] }];
  runtime = await startRuntime({ rules }, { resolver });
});
afterAll(() => runtime.dispose());

async function run(code: string): Promise<unknown> {
  const { value, stderr } = (await runtime.call(code, {}, true)) as RunResult<unknown>;
  expect(stderr).toBe("");
  return value;
}

test("addresses, in the order that was asked for", async () => {
  expect(
    await run(`
      import { promises as dns, lookup } from "node:dns";
      __return([
        await dns.lookup("a.example", { all: true }),
        await dns.lookup("a.example", { order: "ipv4first" }),
        await new Promise((done) => lookup("a.example", { family: 6 }, (error, address, family) => done([error, address, family]))),
        await dns.lookup("A.EXAMPLE."),
      ]);
    `),
  ).toEqual([
    [
      { address: "2606:2800:220:1::1", family: 6 },
      { address: "93.184.216.34", family: 4 },
    ],
    { address: "93.184.216.34", family: 4 },
    [null, "2606:2800:220:1::1", 6],
    { address: "2606:2800:220:1::1", family: 6 },
  ]);
});

test("records of all kinds, and the names of an address", async () => {
  const found = await run(`
    import { promises as dns } from "node:dns";
    const found = {};
    for (const kind of ${JSON.stringify(Object.keys(records))}) found[kind] = await dns.resolve("a.example", kind);
    found.TLSA = [...new Uint8Array(found.TLSA[0].data)];
    __return({ ...found, ttl: await dns.resolve4("a.example", { ttl: true }), names: await dns.reverse("93.184.216.34"),
      service: await dns.lookupService("93.184.216.34", 443) });
  `);
  expect(found).toEqual({
    ...records,
    A: ["93.184.216.34"],
    AAAA: ["2606:2800:220:1::1"],
    ANY: (records["ANY"] as { address?: string }[]).filter(({ address }) => address !== "10.0.0.1"),
    TLSA: [1, 2, 255],
    ttl: records["A"],
    names: ["a.example"],
    service: { hostname: "a.example", service: "https" },
  });
});

test("errors, as c-ares and the system name them", async () => {
  asked.length = 0;
  const errors = await run(`
    import { promises as dns, Resolver } from "node:dns";
    const failure = (promise) => promise.then(() => null, ({ code, message, syscall, hostname }) => ({ code, message, syscall, hostname }));
    __return([
      await failure(dns.lookup("gone.example")),
      await failure(dns.resolveMx("gone.example")),
      await failure(dns.lookup("evil.example")),
      await failure(dns.resolve("evil.example", "TXT")),
      await failure(dns.reverse("8.8.8.8")),
      await failure(dns.resolve4("a..b")),
      await failure(dns.lookup("x".repeat(300))),
      await failure(dns.resolve4("x".repeat(300))),
    ]);
  `);
  const refused = "(denied by permissions.network)";
  expect(errors).toMatchObject([
    { code: "ENOTFOUND", message: "getaddrinfo ENOTFOUND gone.example", syscall: "getaddrinfo" },
    { code: "ENOTFOUND", message: "queryMx ENOTFOUND gone.example", hostname: "gone.example" },
    { code: "EACCES", message: `getaddrinfo EACCES evil.example ${refused}`, hostname: "evil.example" },
    { code: "EACCES", message: `queryTxt EACCES evil.example ${refused}`, syscall: "queryTxt" },
    { code: "EACCES", message: `getHostByAddr EACCES 8.8.8.8 ${refused}` },
    { code: "EBADNAME" },
    { code: "ENOTFOUND" },
    { code: "EBADNAME" },
  ]);
  expect(asked).toEqual(["gone.example", "gone.example"]);
});

test("a resolver of the program's own, which is asked at the host's all the same", async () => {
  expect(
    await run(`
      import dns from "node:dns";
      import { AsyncLocalStorage } from "node:async_hooks";
      const resolver = new dns.Resolver({ timeout: 100, tries: 1 });
      resolver.setServers(["192.0.2.1:5353", "[2001:db8::1]"]);
      const storage = new AsyncLocalStorage();
      const found = await new Promise((done) => storage.run("here", () => resolver.resolve4("a.example", (error, found) => done([error, found, storage.getStore()]))));
      const cancelled = new Promise((done) => resolver.resolve4("a.example", (error) => done(error.code)));
      let pending;
      try { resolver.setServers(["192.0.2.1"]); } catch (error) { pending = error.code; }
      resolver.cancel();
      __return([resolver.getServers(), found, await cancelled, pending]);
    `),
  ).toEqual([
    ["192.0.2.1:5353", "2001:db8::1"],
    [null, ["93.184.216.34"], "here"],
    "ECANCELLED",
    "ERR_DNS_SET_SERVERS_FAILED",
  ]);
});

test("names of the machine, which nobody else is asked about", async () => {
  asked.length = 0;
  const found = await run(`
    import { promises as dns } from "node:dns";
    import { hostname } from "node:os";
    __return([
      await dns.lookup("localhost", { all: true }), await dns.lookup("a.localhost", 4), await dns.lookup(hostname()),
      await dns.reverse("127.0.0.1"), await dns.lookupService("::1", 22),
    ]);
  `);
  expect(found).toEqual([
    [
      { address: "127.0.0.1", family: 4 },
      { address: "::1", family: 6 },
    ],
    { address: "127.0.0.1", family: 4 },
    { address: "127.0.0.1", family: 4 },
    ["localhost"],
    { hostname: "localhost", service: "ssh" },
  ]);
  expect(asked).toEqual([]);
});
