import * as v from "valibot";
import { CompilerStoppedError } from "../errors/compiler-stopped-error.js";
import { decodeValue, MAX_VALUE_BYTES } from "../runtime/call/value.js";
import type { Answer } from "./protocol.js";

/*
 * What the compiler's process says comes from a machine: it is bounded, and believed field by field.
 */

/** The most text that an answer may have. */
export const MAX_ANSWER = MAX_VALUE_BYTES;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const text = (length: number) => v.pipe(v.string(), v.maxLength(length));
const path = text(4096);

const answer = v.union([
  v.strictObject({
    id: count,
    diagnostics: v.pipe(
      v.array(
        v.strictObject({
          file: v.optional(path),
          line: v.optional(count),
          column: v.optional(count),
          code: count,
          category: v.picklist(["error", "warning", "suggestion", "message"]),
          message: text(4096),
        }),
      ),
      v.maxLength(1000),
    ),
    omitted: count,
    files: v.array(v.strictObject({ path, content: text(MAX_ANSWER) })),
  }),
  v.strictObject({ id: count, failure: v.picklist(["size", "crash"]), message: text(4096) }),
]);

/** Believes an answer to a job, or throws CompilerStoppedError. */
export function parseAnswer(line: string, id: number): Extract<Answer, { files: unknown }> {
  const parsed = v.safeParse(answer, decode(line));
  if (!parsed.success || parsed.output.id !== id) throw nonsense();
  const { output } = parsed;
  if ("files" in output) return output;
  if (output.failure === "size") throw new CompilerStoppedError("size", output.message);
  throw new CompilerStoppedError("crash", `The TypeScript compiler failed: ${output.message}`);
}

function decode(line: string): unknown {
  try {
    return decodeValue(Buffer.from(line));
  } catch (cause) {
    throw nonsense(cause);
  }
}

function nonsense(cause?: unknown): CompilerStoppedError {
  return new CompilerStoppedError("crash", "The TypeScript compiler gave an answer that none is", { cause });
}
