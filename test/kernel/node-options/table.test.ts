import { execFileSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import {
  acceptedOptions,
  aliases,
  environmentOptions,
  refusedOptions,
  startOptions,
} from "../../../src/kernel/node-options/table.js";
import { readV8Flag, readV8Flags } from "../../../src/kernel/node-options/v8-flags.js";

interface Known {
  options: [name: string, kind: string][];
  aliases: [name: string, stands: string[]][];
}

const kinds: Record<string, string> = {
  kBoolean: "boolean",
  kString: "string",
  kStringList: "list",
  kInteger: "number",
  kUInteger: "number",
  kNoOp: "nothing",
};

const dump = `
  const { options, aliases } = require("internal/options").getCLIOptionsInfo();
  const { types } = require("internal/test/binding").internalBinding("options");
  const kind = (value) => Object.keys(types).find((key) => types[key] === value);
  console.log(JSON.stringify({
    options: [...options].map(([name, { type }]) => [name, kind(type)]),
    aliases: [...aliases],
  }));`;

const node = (...args: string[]) => execFileSync(process.execPath, args, { encoding: "utf8" });

let known: Known;
beforeAll(() => {
  expect(process.version).toBe("v26.10.0");
  known = JSON.parse(node("--expose-internals", "--no-warnings", "--eval", dump));
});

describe("the table of Node's options", () => {
  it("names every option of the binary once, and no other", () => {
    const listed = [environmentOptions, startOptions]
      .flatMap((group) => Object.values(group) as string[])
      .concat(refusedOptions)
      .flatMap((names) => names.split(" "));
    expect(new Set(listed).size).toBe(listed.length);
    // V8's are read elsewhere, and names in brackets can't be given.
    const real = known.options.filter(([name, kind]) => name.startsWith("--") && kind !== "kV8Option");
    expect(listed.toSorted()).toEqual(real.map(([name]) => name).toSorted());
  });

  it("knows what kind of value each has", () => {
    const kindOf = new Map(known.options);
    for (const [name, { kind }] of acceptedOptions) expect(kind, name).toBe(kinds[kindOf.get(name) ?? ""]);
  });

  it("knows every alias of an accepted option", () => {
    for (const [name, stands] of known.aliases) {
      const option = stands.findLast((word) => word.startsWith("--")) ?? "";
      if (acceptedOptions.has(option)) expect(Object.keys(aliases), name).toContain(name);
    }
    const real = new Map(known.aliases);
    for (const name of Object.keys(aliases)) expect(aliases[name], name).toEqual(real.get(name));
  });

  it("accepts no flag of V8 that the binary doesn't have, and resets none that is on by default", () => {
    const help = node("--v8-options");
    const flags = [...help.matchAll(/^ {2}--([a-z0-9-]+) \(/gm)].map((match) => match[1] as string);
    expect(flags.length).toBeGreaterThan(500);
    const settings = { exposeGc: false, abortOnUncaught: false, stackSize: null, shared: [] as string[] };
    const accepted = flags.filter((flag) => readV8Flag(`--${flag}`, settings));
    expect(accepted).toContain("allow-natives-syntax");
    for (const flag of settings.shared) expect(help).toMatch(new RegExp(`default: --no-${flag}\\n`));
    for (const name of ["harmony-nothing", "js-float16array", "prof", "trace-gc", "logfile=x"])
      expect(readV8Flag(`--${name}`, settings), name).toBe(false);
  });
});

describe("flags of V8 that a running program asks for", () => {
  it("are the garbage collector and what has no effect", () => {
    expect(readV8Flags("--expose_gc", ["js-staging"])).toEqual(["js-staging", "expose-gc"]);
    expect(readV8Flags(" --max-old-space-size=9  --stack-size=2000 ", [])).toEqual([]);
    expect(readV8Flags("--no-expose-gc", ["expose-gc"])).toEqual([]);
  });

  it("are none that get at V8's insides", () => {
    for (const flags of ["--allow-natives-syntax", "--expose-gc --js-staging", "--prof", "x", "--logfile=x"])
      expect(readV8Flags(flags, []), flags).toBe(null);
  });
});
