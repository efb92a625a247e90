/** The rules that this thread judges by itself, from the start message on. */
import type { CompiledRules, CompiledScope, GuestPermissions } from "../policy/compiled.js";
import type { Decision } from "../policy/decide.js";
import { decideProcess } from "../policy/names.js";
import {
  operationBit,
  type PermissionScope,
  type ProcessOperation,
  scopeNumber,
} from "../policy/operations.js";
import type { GuestChannel } from "../syscall/channel.js";
import { SYS_AUDIT } from "../syscall/numbers.js";
import { encodeUtf8 } from "./bindings/fs/encoding.js";
import { primordials } from "./internals.js";
import type { JudgedDisk } from "./judged-disk.js";
import { judgedVariables } from "./process/variables.js";
import type { ThreadVariables } from "./worker/variables.js";

const { StringPrototypeSlice } = primordials;

/** As much of a resource as a report tells, and a character to say that there was more. */
const TOLD = 1025;

/** Tells the kernel of a refusal: the operation's bit, and the number of the rule, -1 for none. */
export type Report = (scope: PermissionScope, operation: number, resource: string, rule: number) => void;

export class Permissions {
  readonly #channel: GuestChannel;
  #process: CompiledScope<never> = "allow";
  #audits = false;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  /** Whether the process may do something to itself; a refusal is reported. */
  readonly permits = (operation: ProcessOperation, resource: string): boolean => {
    if (this.#process === "allow") return true;
    const { allowed, rule }: Decision = decideProcess(this.#process, operation);
    if (!allowed) this.#report("process", operationBit("process", operation), resource, rule ?? -1);
    return allowed;
  };

  /** Puts rules in force. */
  adopt(given: GuestPermissions, disk: JudgedDisk, variables: ThreadVariables): void {
    const { fs, env, process, audit } = given;
    this.#process = process;
    this.#audits = audit;
    if (fs !== "allow") {
      disk.judgeBy(rulesOf(fs), (operation, path, rule) => this.#report("fs", operation, path, rule));
    }
    if (env === "allow") return;
    const refused = (name: string, rule: number): void =>
      this.#report("env", operationBit("env", "write"), name, rule);
    variables.judgeBy((environment) => judgedVariables(environment, env, refused));
  }

  readonly #report: Report = (scope, operation, resource, rule) => {
    if (!this.#audits) return;
    const bytes = encodeUtf8(StringPrototypeSlice(resource, 0, TOLD));
    this.#channel.post(SYS_AUDIT, scopeNumber(scope) * 256 + operation, rule, bytes);
  };
}

function rulesOf<P>(scope: CompiledRules<P> | "deny"): CompiledRules<P> {
  return scope === "deny" ? { default: "deny", rules: [] } : scope;
}
