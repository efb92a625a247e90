import { type Internal, primordials, requireBuiltin } from "../internals.js";

const { JSONParse, JSONStringify, StringPrototypeIndexOf, StringPrototypeSlice } = primordials;

/** The code with a map to what was written, which shows its lines in stacks as they are. */
export function withSourceMap(code: string, map: string, name: string, source: string): string {
  const whole: Internal = JSONParse(map);
  whole.sources = [name];
  whole.sourcesContent = [source];
  const { Buffer } = requireBuiltin("buffer");
  const data: string = Buffer.from(JSONStringify(whole), "utf8").base64Slice();
  return `${withoutMapping(code)}\n//# sourceMappingURL=data:application/json;base64,${data}`;
}

/** The compiler names a file of its own for the map, in the last line. */
function withoutMapping(code: string): string {
  const at = StringPrototypeIndexOf(code, "\n//# sourceMappingURL=");
  return at === -1 ? code : StringPrototypeSlice(code, 0, at);
}
