/**
 * What a test needs beside its own process, going by what its source mentions: a coarse look, but the same
 * for tests that pass and tests that don't.
 */
export type Need = "child process" | "socket" | "thread" | "terminal" | "inspector";

function imports(...modules: string[]): RegExp {
  return new RegExp(`(?:require\\(|from |import\\()\\s*['"](?:node:)?(?:${modules.join("|")})['"]`);
}

/** Helpers of the suite that start a process. */
const childHelpers =
  /common\/(?:assertSnapshot|child_process|cpu-prof|debugger|inspector-helper|sea|snapshot)\b|\bspawnPromisified\b/;

const signs: readonly [Need, RegExp][] = [
  ["child process", imports("child_process", "cluster")],
  ["child process", childHelpers],
  // Node's test runner runs files in processes of their own.
  ["child process", /\brun\(\{[^}]*\bfiles\b/s],
  [
    "socket",
    imports("net", "https?", "http2", "tls", "dgram", "dns(?:/promises)?", "_http_\\w+", "quic", "dtls"),
  ],
  ["socket", /\b(?:await|=|return) fetch\(|new WebSocket\(|new EventSource\(/],
  ["thread", /\bnew Worker\(/],
  ["terminal", imports("tty")],
  ["terminal", /\bpseudo-?tty\b/i],
  ["inspector", imports("inspector(?:/promises)?")],
];

export function needsOf(source: string): Need[] {
  return [...new Set(signs.flatMap(([need, sign]) => (sign.test(source) ? [need] : [])))];
}
