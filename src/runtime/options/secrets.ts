import { randomBytes } from "node:crypto";
import type { ResolvedSecret } from "../../broker/egress/secrets/index.js";
import type { HostPattern } from "../../policy/compiled.js";
import { GlobError, parsePathGlob } from "../../policy/glob/parse.js";
import { parseHostPattern } from "../../policy/network.js";
import { describe, isRecord, readFields, refuse } from "./checks.js";

/** A secret that programs use and never see. */
export interface Secret {
  /** What it is: 8 to 4096 printable characters of ASCII. Never enters the machine. */
  value: string;
  /** Hosts that get it, over https: `api.example.com`, `*.example.com`, with a port if it isn't 443. */
  hosts: readonly string[];
  /** Methods of requests that get it. Default: all. */
  methods?: readonly string[] | undefined;
  /** Globs of the paths of requests that get it, without the query: `/v1/**`. Default: all. */
  paths?: readonly string[] | undefined;
  /** The header in which the placeholder is replaced: `authorization`. */
  header: string;
}

const VALUE = /^[\x21-\x7e](?:[\x20-\x7e]{6,4094})[\x21-\x7e]$/u;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/u;
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/u;
/** Headers that say where a request goes or how long it is. */
const UNFIT = new Set([
  ...["host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "expect"],
  ...["keep-alive", "accept-encoding", "proxy-authorization", "proxy-connection"],
]);

const MAX_SECRETS = 64;

/** Checks secrets. What is wrong is said without their values. */
export function checkSecrets(value: unknown): ResolvedSecret[] {
  if (value === undefined) return [];
  if (!isRecord(value)) refuse("secrets", "an object of names and secrets", value);
  const names = Object.keys(value);
  if (names.length > MAX_SECRETS) refuse("secrets", `at most ${MAX_SECRETS} secrets`, value);
  return names.map((name) => checkSecret(name, value[name]));
}

function checkSecret(name: string, given: unknown): ResolvedSecret {
  const key = `secrets.${name}`;
  if (!NAME.test(name)) refuse("secrets", "names of variables", name);
  if (!isRecord(given)) refuse(key, "an object", "something else");
  const { value, hosts, methods, paths, header } = readFields(
    given,
    key,
    ["value", "hosts", "methods", "paths", "header"] as const,
    `${key}.`,
  );
  if (typeof value !== "string" || !VALUE.test(value)) {
    refuse(`${key}.value`, "8 to 4096 printable characters of ASCII", typeof value);
  }
  const checkedHeader = checkWord(header, `${key}.header`, "the name of a header").toLowerCase();
  if (UNFIT.has(checkedHeader)) refuse(`${key}.header`, "a header that is not about the connection", header);
  return {
    name,
    value,
    placeholder: `secret-${name}-${randomBytes(16).toString("hex")}`,
    hosts: checkList(hosts, `${key}.hosts`).map((host, i) => checkHost(host, `${key}.hosts[${i}]`)),
    methods:
      methods === undefined
        ? null
        : checkList(methods, `${key}.methods`).map((method, i) =>
            checkWord(method, `${key}.methods[${i}]`, "a method").toUpperCase(),
          ),
    paths:
      paths === undefined
        ? null
        : checkList(paths, `${key}.paths`).flatMap((path, i) => checkPath(path, `${key}.paths[${i}]`)),
    header: checkedHeader,
  };
}

function checkList(value: unknown, key: string): unknown[] {
  if (!Array.isArray(value) || value.length === 0) return refuse(key, "an array that is not empty", value);
  return Array.from(value as unknown[]);
}

function checkWord(value: unknown, key: string, expected: string): string {
  return typeof value === "string" && TOKEN.test(value) ? value : refuse(key, expected, value);
}

function checkHost(value: unknown, key: string): HostPattern {
  const expected = "a host's name, or *. and a domain";
  if (typeof value !== "string") return refuse(key, expected, value);
  const pattern = parsed(() => parseHostPattern(value), key, value);
  return "name" in pattern.host || "below" in pattern.host ? pattern : refuse(key, expected, value);
}

function checkPath(value: unknown, key: string): ReturnType<typeof parsePathGlob> {
  if (typeof value !== "string") return refuse(key, "a glob of paths", value);
  return parsed(() => parsePathGlob(value), key, value);
}

function parsed<T>(parse: () => T, key: string, value: string): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof GlobError)) throw error;
    return refuse(key, error.message, describe(value));
  }
}
