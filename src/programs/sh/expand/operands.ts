import type { Shell } from "../shell.js";
import type { Operands } from "./arithmetic.js";
import { arrayGet, arraySet } from "./elements.js";
import { Expander } from "./expander.js";

/** The variables of a shell as arithmetic sees them. */
export function arithmeticOperands(shell: Shell): Operands {
  return {
    get: (name, index) => arrayGet(shell, name, index),
    set: (name, index, value) => arraySet(shell, name, index, value),
    async expand(word) {
      if (word.type === "ArithmeticCommandExpansion")
        return word.script === undefined ? "" : (await shell.capture(word.script)).trimEnd();
      if (word.parts === undefined) return word.value;
      const expander = new Expander(shell, "");
      await expander.parts(word.parts, { quoted: true });
      return expander.fields
        .end()
        .map(({ text }) => text)
        .join(" ");
    },
  };
}
