import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, expect, test } from "vitest";

let rt: NodeRuntime;

beforeAll(async () => {
  rt = await NodeRuntime.create();
});

afterAll(() => rt.dispose());

test.each([30, 200_000])(
  "sync reads go on where an asynchronous one has ended, of %i bytes",
  async (size) => {
    const stdin = Array.from({ length: size / 10 }, (_, index) => `${String(index).padStart(9, "0")}\n`).join(
      "",
    );
    const { stdout } = await rt.exec(
      `import fs from "node:fs";
     const bytes = Buffer.alloc(1000);
     fs.read(0, bytes, 0, 6, null, (_, count) => {
       for (; count > 0; count = fs.readSync(0, bytes)) process.stdout.write(bytes.subarray(0, count));
     });`,
      { stdin },
    );
    expect(stdout === stdin).toBe(true);
  },
);
