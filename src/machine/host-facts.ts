import { hostname } from "node:os";

/*
 * What a machine prints on its raw standard error when V8 or Node's C++ side gives up is worth telling,
 * but it comes with native stacks, paths of the build and of this host, process ids and addresses.
 * Only lines of a known kind are kept, and what could be a fact of the host is taken out of those.
 */

/** The most that is passed on, in UTF-16 units. */
const MAX_TEXT = 4096;
/** The most of one line, in UTF-16 units: the patterns below take long on long lines. */
const MAX_LINE = 1000;

const tellingLines: readonly RegExp[] = [
  /^FATAL ERROR: /u,
  /^# Fatal /u,
  /^# (?:Debug )?[Cc]heck failed/u,
  /^# (?:unreachable|unimplemented) code/u,
  /^\s*#?\s*Assertion failed\b/u,
  /\bAssertion [`'].*' failed\.?$/u,
  /^terminate called /u,
  /^\s+what\(\): /u,
  /^(?:malloc|free|realloc|munmap_chunk|corrupted|double free)\b/u,
  /^Out of memory\b/u,
  /^Fatal\b/u,
];

const hostFacts: readonly (readonly [RegExp, string])[] = [
  // "node[123]: ../src/x.cc:1:void f(): Assertion …" starts with the name of the executable and its pid.
  [/^\S*\[\d+\]:\s*/u, ""],
  [/\[\d+:0x[0-9a-f]+\]/giu, "[…]"],
  [/\b(pid|tid|process|thread)([ :=#]+)\d+/giu, "$1$2…"],
  [/(?:\b[a-z][a-z0-9+.-]{0,30}:\/\/|(?<![\w.]))\/[^\s'"`()<>,;:]+/giu, "<path>"],
  [/\b[A-Za-z]:\\[^\s'"`]+/gu, "<path>"],
  [/\b0x[0-9a-f]{4,}\b/giu, "<address>"],
  [/\b(?=\d*[a-f])[0-9a-f]{8,16}\b/gu, "<address>"],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/gu, "<address>"],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![\w:])/giu, "<address>"],
];

/** Text of a machine that a guest's user may see. */
export function withoutHostFacts(text: string, host: string = hostname()): string {
  const lines: string[] = [];
  for (const raw of text.split(/\r?\n/u)) {
    let line = raw.slice(0, MAX_LINE);
    if (!tellingLines.some((pattern) => pattern.test(line))) continue;
    for (const [pattern, replacement] of hostFacts) line = line.replace(pattern, replacement);
    // A short name would be found inside other words.
    if (host.length >= 4) line = line.replaceAll(host, "<host>");
    lines.push(line.trimEnd());
  }
  return lines.join("\n").slice(0, MAX_TEXT);
}
