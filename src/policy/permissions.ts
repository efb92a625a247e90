import type {
  ChildProcessOperation,
  EnvOperation,
  FsOperation,
  NetworkOperation,
  ProcessOperation,
  ToolOperation,
} from "./operations.js";

/** Whether something may be done. */
export type PermissionMode = "allow" | "deny";

/** What rules of all scopes have in common. */
interface Rule<Operation extends string> {
  /** What becomes of the operations that the rule is about. */
  mode: PermissionMode;
  /** Default: all operations of the scope. */
  operations?: readonly Operation[] | undefined;
}

/** A rule about files of the guest. */
export interface FsRule extends Rule<FsOperation> {
  /**
   * Globs of absolute paths in the guest, compared with the real path: symbolic links, `.` and `..` are
   * resolved first. `*` stands for any characters within a name (also at the start of `.env`), `?` for
   * one, `[a-z]` for one of a set, `{a,b}` for alternatives, `**` for any number of directories, none
   * included. A pattern whose last name has no wildcard covers all that is below it, so `/secret` is
   * `/secret/**`. Case matters. Default: every path.
   */
  paths?: readonly string[] | undefined;
}

/** A rule about what goes over a network. */
export interface NetworkRule extends Rule<NetworkOperation> {
  /**
   * Hosts, each with or without ports: `example.com`, `*.example.com` (its subdomains, at any depth),
   * `192.0.2.7`, `10.0.0.0/8`, `[2001:db8::]/32`, `*`, then `:443`, `:8000-8999` or nothing. Or requests
   * to them over HTTP: methods, a URL whose path is a glob as in `paths` of the scope `fs`, or both, as in
   * `GET,HEAD https://example.com/v1/**`; the query is not compared. Default: every host and port.
   */
  patterns?: readonly string[] | undefined;
}

/** A rule about other processes of the same machine. */
export interface ChildProcessRule extends Rule<ChildProcessOperation> {
  /**
   * Programs: globs of their name (`git`, `npm*`), or with a `/` globs of their absolute path, as in
   * `paths` of the scope `fs`. Default: every program.
   */
  patterns?: readonly string[] | undefined;
}

/** A rule about the guest process itself. */
export interface ProcessRule extends Rule<ProcessOperation> {}

/** A rule about environment variables. */
export interface EnvRule extends Rule<EnvOperation> {
  /** Globs of the variables' names: `AWS_*`. Case matters. Default: every variable. */
  patterns?: readonly string[] | undefined;
}

/** A rule about tools of the host. */
export interface ToolRule extends Rule<ToolOperation> {
  /** Globs of the tools' names. Case matters. Default: every tool. */
  patterns?: readonly string[] | undefined;
}

/** Rules, of which the first that is about an operation and its object decides. */
export interface RuleSet<R> {
  /** Decides where no rule does. Default `"deny"`. */
  default?: PermissionMode | undefined;
  rules: readonly R[];
}

/** What is so for all of a scope, or its rules. */
export type ScopePermission<R> = PermissionMode | RuleSet<R>;

/**
 * What guest code may do, by scope. Scopes that are left out keep their defaults: `network` is denied, all
 * others are allowed.
 *
 * @example
 * ```ts
 * await NodeRuntime.create({
 *   permissions: {
 *     network: "allow",
 *     fs: {
 *       default: "allow",
 *       rules: [{ mode: "deny", operations: ["write", "create", "delete"], paths: ["/data"] }],
 *     },
 *     env: { default: "allow", rules: [{ mode: "deny", patterns: ["AWS_*"] }] },
 *   },
 * });
 * ```
 */
export interface Permissions {
  /** Files and directories on the guest's disk. Default `"allow"`. */
  fs?: ScopePermission<FsRule> | undefined;
  /**
   * What leaves the machine. Default `"deny"`. Servers and connections within the machine are free unless
   * a rule names `listen` or `loopback`.
   */
  network?: ScopePermission<NetworkRule> | undefined;
  /** Programs that guest code starts, and signals to other processes. Default `"allow"`. */
  childProcess?: ScopePermission<ChildProcessRule> | undefined;
  /** What a process does to itself. Default `"allow"`. */
  process?: ScopePermission<ProcessRule> | undefined;
  /** Environment variables. What may not be read isn't there. Default `"allow"`. */
  env?: ScopePermission<EnvRule> | undefined;
  /** Calls of the host's tools. Default `"allow"`. */
  tool?: ScopePermission<ToolRule> | undefined;
}
