import type { HostPattern } from "../../../policy/compiled.js";
import { advance, isMatch, newPlaces, type PathPattern } from "../../../policy/glob/match.js";
import { plainPath } from "../../../policy/requests.js";

/** A secret, checked. */
export interface ResolvedSecret {
  name: string;
  value: string;
  /** What programs have in its place. */
  placeholder: string;
  hosts: HostPattern[];
  /** Null for all. */
  methods: string[] | null;
  paths: PathPattern[] | null;
  /** In lower case. */
  header: string;
}

/** The port of https, which hosts have that name none. */
const HTTPS = 443;

const places = newPlaces();

/** Whether a secret is for a host at all. */
export function isForHost({ hosts }: ResolvedSecret, name: string, port: number): boolean {
  return hosts.some(({ host, ports }) => {
    const [first, last] = ports ?? [HTTPS, HTTPS];
    if (port < first || port > last) return false;
    return "name" in host ? host.name === name : "below" in host && name.endsWith(`.${host.below}`);
  });
}

/** Whether a secret is for a request to a host that it is for; `path` may have a query. */
export function isForRequest({ methods, paths }: ResolvedSecret, method: string, path: string): boolean {
  if (methods !== null && !methods.includes(method)) return false;
  if (paths === null) return true;
  // What a server may read as another path is none that the globs were written for.
  const plain = plainPath(path);
  return (
    plain !== null && paths.some((pattern) => advance(pattern, plain, places) && isMatch(pattern, places))
  );
}
