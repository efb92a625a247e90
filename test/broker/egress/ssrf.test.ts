import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { FakeResolver, TestMachine } from "./machine.js";

/** Nothing may be connected to here: who is asked for it fails the test. */
class Unreached {
  readonly remotes: string[] = [];
  readonly connect = ({ address, port }: { address: string; port: number }): Socket => {
    this.remotes.push(`${address}:${port}`);
    throw new Error("connected");
  };
}

const one = { rules: [{ mode: "allow" as const, patterns: ["public.example"] }] };

/** Ways to write an address that leads back to the host, or to what only the host reaches. */
const addresses = [
  ...["127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
  ...["169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192"],
  ...["224.0.0.1", "239.255.255.250", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1"],
  ...["::1", "::", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:0:127.0.0.1"],
  ...["64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1"],
  ...["2001:0:4136:e378:8000:63bf:3fff:fdd2", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1"],
  ...["2001:db8::1", "100::1", "4000::1"],
];

describe.each([
  ["one public host", one],
  ["everything", "allow" as const],
])("under a policy that allows %s", (_, network) => {
  test.each(addresses)("%s is refused at once", async (address) => {
    const unreached = new Unreached();
    const machine = new TestMachine(network, { connector: unreached.connect });
    expect(await machine.connect(address, 80)).toMatchObject({ code: "EACCES" });
    expect(machine.audit).toMatchObject([{ origin: "host", operation: "connect", decision: "deny" }]);
    expect(unreached.remotes).toEqual([]);
  });

  test.each(addresses)("a name for %s is not told, and nothing is connected to", async (address) => {
    const unreached = new Unreached();
    const resolver = new FakeResolver({ "public.example": [address] });
    const machine = new TestMachine(network, { connector: unreached.connect, resolver });
    expect(await machine.resolve("public.example")).toMatchObject({ error: "EACCES", records: null });
    expect(await machine.resolve("public.example", "A")).toMatchObject({ error: "EACCES", records: null });
    expect(await machine.connect(address, 80)).toMatchObject({ code: "EACCES" });
    expect(unreached.remotes).toEqual([]);
  });

  test.each([
    ...["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.01", "0x7f.0.0.1", "017700000001"],
    ...[
      "127.0.0.1%lo",
      "fe80::1%eth0",
      "[::1]",
      "127.0.0.1:80",
      "127.0.0.1 ",
      "１２７.0.0.1",
      "127。0。0。1",
    ],
    ...["public.example", "user@127.0.0.1", "127.0.0.1\r\nX: y", "127.0.0.1\0", "/run/docker.sock", ""],
  ])("%j is no address to connect to", async (address) => {
    const unreached = new Unreached();
    const machine = new TestMachine(network, { connector: unreached.connect });
    expect(await machine.connect(address, 80)).toMatchObject({ code: "EINVAL" });
    expect(unreached.remotes).toEqual([]);
  });

  test.each([
    ...["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1", "127.0.0.1.", "1.2.3.4.5"],
    ...["user@public.example", "public.example:80", "public.example/../x", "public.example\r\nHost: x"],
    ...[
      "public.example\0.evil",
      "-x.example",
      "x-.example",
      "a..b",
      ".",
      "",
      " public.example",
      "public .example",
    ],
    ...[
      `${"a".repeat(64)}.example`,
      `${"a.".repeat(123)}examples`,
      "socks5://public.example",
      "file:///etc/passwd",
    ],
    ...["*.example", "[::1]", "::1", "data:,x", "unix:/run/x"],
  ])("%j is no name that a resolver is asked about", async (name) => {
    const resolver = new FakeResolver({});
    const machine = new TestMachine(network, { resolver });
    expect((await machine.resolve(name)).error).toBe("ENOTFOUND");
    expect((await machine.resolve(name, "TXT")).error).toBe("EBADNAME");
    expect(resolver.asked).toEqual([]);
  });
});

describe("a policy that allows one host", () => {
  test.each([
    ...["localhost", "LOCALHOST", "localhost.", "a.localhost", "localhost.localdomain", "ip6-localhost"],
    ...["metadata.google.internal", "example", "evil.public.example", "publicexample", "public.example.evil"],
    ...["public。example.evil", "127.0.0.1.nip.io", "secret-data.attacker.example"],
  ])("never lets a resolver hear of %s", async (name) => {
    const resolver = new FakeResolver({});
    const machine = new TestMachine(one, { resolver });
    for (const kind of ["lookup", "A", "AAAA", "ANY", "TXT", "SRV", "PTR"]) {
      expect((await machine.resolve(name, kind)).error).toBe("EACCES");
    }
    expect(resolver.asked).toEqual([]);
  });

  test("takes the forms of a name for the name", async () => {
    const resolver = new FakeResolver({ "public.example": ["93.184.216.34"] });
    const machine = new TestMachine(one, { resolver });
    for (const name of ["public.example", "PUBLIC.example.", "public。example", "ｐublic.example"]) {
      expect(await machine.resolve(name)).toMatchObject({ error: null, records: ["93.184.216.34"] });
    }
  });

  test("refuses a public address that nobody was told for the name", async () => {
    const unreached = new Unreached();
    const resolver = new FakeResolver({ "public.example": ["93.184.216.34"] });
    const machine = new TestMachine(one, { connector: unreached.connect, resolver });
    expect(await machine.connect("93.184.216.34", 443)).toMatchObject({
      code: "EACCES",
      reason: "denied by permissions.network",
    });
    await machine.resolve("public.example");
    expect(await machine.connect("93.184.216.35", 443)).toMatchObject({ code: "EACCES" });
    expect(unreached.remotes).toEqual([]);
  });

  test("gains nothing by an answer that changes", async () => {
    const unreached = new Unreached();
    const answers = [["93.184.216.34"], ["127.0.0.1"], ["169.254.169.254", "93.184.216.34"]];
    const resolver = new FakeResolver({ "public.example": answers });
    const machine = new TestMachine(one, { connector: unreached.connect, resolver });
    expect((await machine.resolve("public.example")).records).toEqual(["93.184.216.34"]);
    expect(await machine.resolve("public.example")).toMatchObject({ error: "EACCES" });
    expect((await machine.resolve("public.example")).records).toEqual(["93.184.216.34"]);
    for (const address of ["127.0.0.1", "169.254.169.254"]) {
      expect(await machine.connect(address, 80)).toMatchObject({ code: "EACCES" });
    }
    expect(unreached.remotes).toEqual([]);
  });
});

test("the host's own addresses are refused, also public ones", async () => {
  const { networkInterfaces } = await import("node:os");
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (const { address } of own) {
    expect(await new TestMachine("allow").connect(address, 80)).toMatchObject({ code: "EACCES" });
  }
});
