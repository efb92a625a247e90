/**
 * Permissions as they cross the wire: plain JSON, checked when they were made.
 */
import type { PathPattern, SegmentPattern } from "./glob/match.js";
import type { PermissionMode } from "./permissions.js";
import type { RequestPattern } from "./requests.js";

/** A rule by number: its place in the list is its name. */
export interface CompiledRule<P> {
  mode: PermissionMode;
  /** One bit for each operation. */
  operations: number;
  /** Null for a rule about everything. */
  patterns: P[] | null;
}

/** Rules that a scope may have. */
export const MAX_RULES = 256;

export interface CompiledRules<P> {
  default: PermissionMode;
  rules: CompiledRule<P>[];
}

export type CompiledScope<P> = PermissionMode | CompiledRules<P>;

/** Hosts: any, one name, all names below one, or a range of addresses; ports; and what is asked there. */
export interface HostPattern {
  host: { any: true } | { name: string } | { below: string } | { address: string; bits: number };
  /** The first and the last one; null for all. */
  ports: [number, number] | null;
  /** Requests over HTTP that alone are meant. */
  request?: RequestPattern;
}

/** A program by its name, or by its path. */
export type ProgramPattern = { name: SegmentPattern } | { path: PathPattern };

export interface CompiledPermissions {
  fs: CompiledScope<PathPattern>;
  network: CompiledScope<HostPattern>;
  childProcess: CompiledScope<ProgramPattern>;
  process: CompiledScope<never>;
  env: CompiledScope<SegmentPattern>;
  tool: CompiledScope<SegmentPattern>;
}

export const defaultPermissions: CompiledPermissions = {
  fs: "allow",
  network: "deny",
  childProcess: "allow",
  process: "allow",
  env: "allow",
  tool: "allow",
};

/** What a guest thread judges by itself. */
export interface GuestPermissions extends Pick<CompiledPermissions, "fs" | "process" | "env"> {
  /** Whether refusals are to be reported. */
  audit: boolean;
}

/** What of the permissions is for guest threads; null where they have nothing to judge. */
export function guestPermissions(
  { fs, process, env }: CompiledPermissions,
  audit: boolean,
): GuestPermissions | null {
  return fs === "allow" && process === "allow" && env === "allow" ? null : { fs, process, env, audit };
}
