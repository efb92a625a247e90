/** What rules of the scope `network` say of requests over HTTP. */
import type { HostPattern } from "./compiled.js";
import { advance, isMatch, newPlaces, type PathPattern } from "./glob/match.js";
import type { PermissionMode } from "./permissions.js";

/** How a request is made: the broker reads plain ones, and https where it stands between the ends. */
export type Scheme = "http" | "https";

/** Requests that a pattern is about, beside their host. */
export interface RequestPattern {
  scheme: Scheme;
  /** Null for all. */
  methods: string[] | null;
  /** Null for all. */
  path: PathPattern | null;
}

/**
 * A request to judge; or one of which no more is known than its scheme, if that: then it is guessed to be
 * what patterns of one mode match, and those of the other don't.
 */
export type RequestTarget =
  | { scheme: Scheme; method: string; path: string }
  | { scheme?: Scheme; guess: PermissionMode };

const places = newPlaces();

/** Whether a pattern matches. What can be read in several ways is what is denied, and never what is allowed. */
export function matchesRequest(
  { scheme, methods, path }: RequestPattern,
  request: RequestTarget,
  mode: PermissionMode,
): boolean {
  if (request.scheme !== undefined && request.scheme !== scheme) return false;
  if ("guess" in request) return request.guess === mode;
  const method = mode === "deny" ? request.method.toUpperCase() : request.method;
  if (methods !== null && !methods.includes(method)) return false;
  if (path === null) return true;
  const plain = plainPath(request.path);
  return plain === null ? mode === "deny" : advance(path, plain, places) && isMatch(path, places);
}

/** The path of a request's target without its escapes; null for one that servers may read in several ways. */
export function plainPath(target: string): string | null {
  const [bare = ""] = target.split("?", 1);
  if (!bare.startsWith("/") || /%2[ef]|%5c/iu.test(bare)) return null;
  let path: string;
  try {
    path = decodeURIComponent(bare);
  } catch {
    return null;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return /[\0-\x1f\x7f\\;%#?]|\/\/|\/\.{1,2}(?:\/|$)/u.test(path) ? null : path;
}

/** Whether all requests that one pattern matches are matched by the other: never said wrongly. */
export function containsRequests(
  { request: outer }: HostPattern,
  { request: inner }: HostPattern,
  containsPath: (outer: PathPattern, inner: PathPattern) => boolean,
): boolean {
  if (outer === undefined) return true;
  if (inner === undefined || inner.scheme !== outer.scheme) return false;
  const { methods } = outer;
  return (
    (methods === null || (inner.methods?.every((method) => methods.includes(method)) ?? false)) &&
    (outer.path === null || (inner.path !== null && containsPath(outer.path, inner.path)))
  );
}
