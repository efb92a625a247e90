import type { CommandContext } from "../command.js";
import { CommandError, reason } from "../errors.js";
import { withInput } from "../io/files.js";
import { type Json, parseJson } from "./values.js";

const PIECE = /"(?:[^"\\]|\\[\s\S])*"?|[[\]{}]|[^\s"[\]{}]+|\s+/y;

/** Takes values of JSON out of text as it comes, one behind the other. */
export class ValueReader {
  #rest = "";

  /** The values that are whole. */
  *take(text: string, ended: boolean): Generator<Json, void> {
    this.#rest += text;
    let start = 0;
    let depth = 0;
    for (let at = 0; at < this.#rest.length; ) {
      PIECE.lastIndex = at;
      const [piece = ""] = PIECE.exec(this.#rest) ?? [];
      const end = at + piece.length;
      const open = piece === "[" || piece === "{";
      const close = piece === "]" || piece === "}";
      if (piece.trim() !== "") {
        if (depth === 0 && !close) start = at;
        // What the text ends with might go on.
        if (!open && !close && end === this.#rest.length && !ended && !/^"(?:[^"\\]|\\[\s\S])*"$/.test(piece))
          break;
        if (open) depth++;
        if (close) depth--;
        if (depth < 0) throw new CommandError(`parse error: Unmatched '${piece}'`, 2);
        if (depth === 0) {
          yield parseJson(this.#rest.slice(start, end));
          start = end;
        }
      } else if (depth === 0) start = end;
      at = end;
    }
    this.#rest = this.#rest.slice(start);
    if (ended && this.#rest.trim() !== "") throw new CommandError("parse error: Unfinished JSON term", 2);
  }
}

/** The inputs in the files, or in stdin. Files that can't be read are told. */
export class Inputs {
  status = 0;
  readonly #context: CommandContext;
  readonly #names: readonly string[];
  readonly #raw: boolean;

  constructor(context: CommandContext, names: readonly string[], raw: boolean) {
    this.#context = context;
    this.#names = names.length === 0 ? ["-"] : names;
    this.#raw = raw;
  }

  /** Hands each to `use`, which is waited for: what comes in slowly goes out as it comes. */
  async each(use: (value: Json) => Promise<void>): Promise<void> {
    const reader = new ValueReader();
    let lines = "";
    const piece = async (text: string, ended: boolean) => {
      if (!this.#raw) {
        for (const value of reader.take(text, ended)) await use(value);
        return;
      }
      const parts = (lines + text).split("\n");
      lines = parts.pop() ?? "";
      for (const line of parts) await use(line);
      if (ended && lines !== "") await use(lines);
    };
    for (const name of this.#names) {
      const decoder = new TextDecoder();
      try {
        await withInput(this.#context, name, async (input) => {
          for await (const chunk of input.chunks())
            await piece(decoder.decode(chunk, { stream: true }), false);
        });
      } catch (error) {
        if (error instanceof CommandError) throw error;
        await this.#context.fail(`error: Could not open ${name}: ${reason(error)}`);
        this.status = 2;
      }
      await piece(decoder.decode(), name === this.#names.at(-1));
    }
  }
}
