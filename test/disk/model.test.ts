import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkDisk } from "../../src/disk/disk.js";
import { filesOf } from "./model/on-disk.js";
import { history } from "./model/operations.js";
import { Oracle } from "./model/oracle.js";
import { perform, type Slots } from "./model/perform.js";
import { placeOnDisk } from "./model/place.js";
import { allocate } from "./support.js";

/** Longer by hand: `MODEL_SECONDS=600 npx vitest run test/disk/model.test.ts`. */
const seconds = Number(process.env["MODEL_SECONDS"] ?? 12);
const size = { bytes: 8 << 20, inodes: 256 };

let oracle: Oracle;
beforeAll(async () => {
  oracle = await Oracle.start();
});
afterAll(() => oracle?.stop());

test("random histories of one process get the real filesystem's answers", {
  timeout: (seconds + 120) * 1000,
}, async () => {
  // What earlier histories left in it is part of the test.
  const memory = allocate(size.bytes, size.inodes);
  let histories = 0;
  await fc.assert(
    fc.asyncProperty(history, async (generated) => {
      histories++;
      const calls = generated.filter(([call]) => call !== "link" || oracle.protectsLinks);
      const mine = placeOnDisk(memory, size, oracle.base);
      const files = filesOf(mine.disk, mine.credentials);
      const slots: Slots = [-1, -1, -1, -1];
      const expected = await oracle.ask(calls);
      calls.forEach((operation, i) => {
        const answer = perform(files, slots, oracle.base, operation);
        expect([calls.slice(0, i + 1), answer]).toEqual([calls.slice(0, i + 1), expected[i]]);
      });
      for (const file of slots) if (file >= 0) mine.disk.close(file);
      expect(checkDisk(memory)).toEqual({ repaired: 0, problems: [], formatted: false });
    }),
    {
      interruptAfterTimeLimit: seconds * 1000,
      numRuns: 1e6,
      seed: Number(process.env["FC_SEED"] ?? 1),
    },
  );
  expect(histories).toBeGreaterThan(100);
});
