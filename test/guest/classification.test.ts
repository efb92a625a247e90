import { beforeAll, describe, expect, it } from "vitest";
import {
  changedNatives,
  fetchedLate,
  forgotten,
  kept,
  pureNatives,
  reinstantiated,
} from "../../src/guest/classification.js";
import { readCaptures } from "./captures.js";
import { type Natives, readNatives } from "./natives.js";

const words = (list: string | undefined) => (list ? list.split(" ") : []);
const classified = (binding: string) => ({
  pure: words(pureNatives[binding]),
  replaced: words(changedNatives[binding]?.replaced),
  denied: words(changedNatives[binding]?.denied),
});
const isChanged = (member: string) => {
  const [binding = "", key = ""] = member.split(".");
  const { replaced, denied } = classified(binding);
  return replaced.includes(key) || denied.includes(key);
};

/** What it fetches late it has fetched before the boot, or never will. */
const over = "internal/process/pre_execution";

let natives: Natives;
beforeAll(async () => {
  expect(process.version).toBe("v26.10.0");
  natives = await readNatives();
});

describe("the classification of Node's natives", () => {
  it("names every binding of the binary and no other", () => {
    const named = new Set([...Object.keys(pureNatives), ...Object.keys(changedNatives)]);
    expect([...named].sort()).toEqual(Object.keys(natives.bindings).sort());
  });

  it("has a class for every member that is more than a value, and one", () => {
    for (const [binding, members] of Object.entries(natives.bindings)) {
      const { pure, replaced, denied } = classified(binding);
      const all = [...pure, ...replaced, ...denied];
      expect(new Set(all).size, binding).toBe(all.length);
      for (const [key, type] of Object.entries(members))
        if (["function", "object", "accessor"].includes(type))
          expect(all, `${binding}.${key}`).toContain(key);
      for (const key of all) expect(Object.keys(members), `${binding}.${key} is gone`).toContain(key);
    }
  });

  it("knows every changed native that a module has captured before the boot", () => {
    const loaded = natives.loadedAtStart
      .filter((entry) => entry.startsWith("NativeModule "))
      .map((entry) => entry.slice("NativeModule ".length));
    const loadedBindings = natives.loadedAtStart
      .filter((entry) => entry.startsWith("Internal Binding "))
      .map((entry) => entry.slice("Internal Binding ".length));
    expect(loaded.length).toBeGreaterThan(60);
    for (const id of loaded) {
      if (reinstantiated.includes(id) || forgotten.includes(id)) continue;
      const captures = readCaptures(natives.sources[id] as string);
      const changed = captures.members.filter(isChanged).sort();
      expect(changed, id).toEqual(words(kept[id]?.natives).sort());
      const missed = captures.late.filter(
        (binding) =>
          id !== over && changedNatives[binding] && ![...loadedBindings, ...fetchedLate].includes(binding),
      );
      expect(missed, `${id} fetches them past our loader`).toEqual([]);
    }
    for (const id of [...reinstantiated, ...forgotten, ...Object.keys(kept)]) expect(loaded).toContain(id);
  });

  it("runs no module a second time that has captured nothing", () => {
    for (const id of [...reinstantiated, ...forgotten]) {
      const { members } = readCaptures(natives.sources[id] as string);
      const reads =
        members.some(isChanged) || /require\('internal\/worker'\)/.test(natives.sources[id] as string);
      expect(reads || id === "fs", id).toBe(true);
    }
  });
});
