import fc from "fast-check";
import { expect, test } from "vitest";
import { HeldBytes } from "../../../src/broker/egress/check/held-bytes.js";

const END = Buffer.from("\r\n");

test("bytes are held, found and taken as if they had come at once", () => {
  const piece = fc.array(fc.constantFrom("\r", "\n", "a"), { maxLength: 6 }).map((all) => all.join(""));
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, fc.nat(4))), (steps) => {
      const held = new HeldBytes();
      let model = "";
      const taken: { bytes: Buffer; text: string }[] = [];
      for (const [text, length] of steps) {
        held.push(Buffer.from(text));
        model += text;
        expect(held.find(END)).toBe(model.indexOf("\r\n"));
        expect(held.bytes.toString()).toBe(model);
        if (length === 0) continue;
        taken.push({ bytes: held.take(length), text: model.slice(0, length) });
        model = model.slice(length);
      }
      expect(held.take().toString()).toBe(model);
      expect(held.length).toBe(0);
      for (const { bytes, text } of taken) expect(bytes.toString()).toBe(text);
    }),
  );
});
