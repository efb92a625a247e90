import { SYS_RESOLVE } from "../../../syscall/numbers.js";
import type { QuestionKind } from "../../../wire/messages.js";
import { questionKinds } from "../../../wire/questions.js";
import type { GuestEnv } from "../../env.js";
import { type Internal, internalBinding, primordials } from "../../internals.js";
import type { KernelMessage, KernelPort } from "../../kernel-port.js";

const { StringPrototypeEndsWith, StringPrototypeToLowerCase } = primordials;
const { encodeUtf8String, toASCII } = internalBinding("encoding_binding");

/** What the host answers to a question. */
export interface NameAnswer {
  /** A code of `node:dns`, or EACCES. */
  error: string | null;
  reason: string | null;
  records: Internal;
}

/** Asks the host about names, by way of the kernel. */
export class Names {
  readonly #env: GuestEnv;
  readonly #port: KernelPort;
  readonly #waiting: Record<string | number, (answer: NameAnswer) => void> = { __proto__: null as never };
  #last = 0;

  constructor(env: GuestEnv, port: KernelPort) {
    this.#env = env;
    this.#port = port;
  }

  /** The thread's event loop waits for the answer, which comes on a later turn. */
  ask(kind: QuestionKind, name: string, family: number, answered: (answer: NameAnswer) => void): void {
    const id = ++this.#last;
    this.#waiting[id] = answered;
    this.#port.ref();
    this.#env.channel.post(SYS_RESOLVE, id, numberOf(kind) * 16 + family, encodeUtf8String(name));
  }

  /** Takes the message that has the answer. */
  receive({ id, error, reason, records }: KernelMessage): void {
    const answered = this.#waiting[id as number];
    if (answered === undefined) return;
    this.#waiting[id as number] = undefined as never;
    this.#port.unref();
    answered({ error: error as string | null, reason: reason as string | null, records });
  }
}

function numberOf(kind: QuestionKind): number {
  for (let i = 0; i < questionKinds.length; i++) if (questionKinds[i] === kind) return i;
  return 0;
}

/** A name as it is asked about. */
export function asciiName(name: string): string {
  return toASCII(name);
}

/** Names that a machine resolves by itself. */
export function isLocalName(name: string, hostname: string): boolean {
  const lower: string = StringPrototypeToLowerCase(name);
  return lower === "localhost" || lower === hostname || StringPrototypeEndsWith(lower, ".localhost");
}
