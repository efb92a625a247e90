import { existsSync } from "node:fs";
import { NodeUnavailableError } from "../errors/node-unavailable-error.js";

/** What is known of a Node that did not start. */
export interface FailedStart {
  node: string;
  /** What was printed in its place. */
  said: string;
  /** Why it could not be spawned; null when it was. */
  error: (Error & { code?: unknown }) | null;
}

/** Packages of the libraries that the pinned Node needs beyond libc. */
const libraries: Record<string, { debian: string; fedora: string }> = {
  "libatomic.so.1": { debian: "libatomic1", fedora: "libatomic" },
  "libstdc++.so.6": { debian: "libstdc++6", fedora: "libstdc++" },
  "libgcc_s.so.1": { debian: "libgcc-s1", fedora: "libgcc" },
};

/** Recognises in a failed start that the system can't run the pinned Node; null when it is something else. */
export function nodeTrouble({ node, said, error }: FailedStart): NodeUnavailableError | null {
  const missing = missingLibraries(said);
  if (isMusl(said)) return onMusl(error);
  if (missing.length > 0) return withoutLibraries(missing);
  const version = /version [`'](GLIBC(?:XX)?_[\d.]+)' not found/u.exec(said)?.[1];
  if (version !== undefined) {
    return new NodeUnavailableError(
      `The pinned Node needs ${version}, which this system's libraries don't have`,
      {
        hint: "Use a newer distribution.",
        cause: error,
      },
    );
  }
  // The file is there and yet "not found": it is the dynamic loader it asks for that is missing.
  const code = error === null ? execFailure(said) : error.code;
  if (code === "ENOENT" && existsSync(node)) return onMusl(error);
  if (code === "ENOEXEC") {
    return new NodeUnavailableError(`${node} is not a program for this system`, { cause: error });
  }
  return null;
}

/** What stage 0 says when it can't become Node. */
function execFailure(said: string): string | null {
  const errno = /^stage 0: execve\b.*\berrno (\d+)/mu.exec(said)?.[1];
  if (errno === "2") return "ENOENT";
  return errno === "8" ? "ENOEXEC" : null;
}

function missingLibraries(said: string): string[] {
  const found = said.matchAll(/error while loading shared libraries: ([\w.+-]+):/gu);
  return [...found].map((match) => match[1] ?? "");
}

/** musl's dynamic loader words its errors in its own way. */
function isMusl(said: string): boolean {
  return /Error (?:loading shared library|relocating) /u.test(said);
}

function onMusl(cause: unknown): NodeUnavailableError {
  return new NodeUnavailableError("The pinned Node needs glibc, which this system doesn't have", {
    hint: "Alpine and other systems with musl are not supported: use an image with glibc, such as node:22-slim.",
    cause,
  });
}

function withoutLibraries(missing: string[]): NodeUnavailableError {
  // The loader stops at the first one that it misses, and a small image lacks both.
  const known = missing.some((name) => name in libraries) ? ["libatomic.so.1", "libstdc++.so.6"] : [];
  const names = [...new Set([...known, ...missing])];
  const debian = names.map((name) => libraries[name]?.debian ?? name);
  const fedora = names.map((name) => libraries[name]?.fedora ?? name);
  return new NodeUnavailableError(`The pinned Node needs ${missing.join(", ")}, which is not installed`, {
    packages: debian,
    hint: `Debian and Ubuntu: apt-get install ${debian.join(" ")}. Fedora: dnf install ${fedora.join(" ")}.`,
  });
}
