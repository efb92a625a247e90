import { HeldBytes } from "./held-bytes.js";
import { parseRequestHead, type RequestHead } from "./request-head.js";

/** The longest head of a request. */
const MAX_HEAD = 64 * 1024;
/** The longest line that begins a chunk, or that follows the last one. */
const MAX_LINE = 8 * 1024;

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const END_OF_LINE = Buffer.from("\r\n");
const CHUNK = /^(?<size>[0-9a-fA-F]{1,8})(?:[ \t]*;[\t\x20-\x7e]*)?$/u;

/** What comes next in a stream of requests. */
type Expecting =
  | { kind: "head" }
  | { kind: "body"; left: number; next: "head" | "chunkEnd" }
  | { kind: "chunkEnd" }
  | { kind: "chunk" }
  | { kind: "trailer" };

const HEAD = { kind: "head" } as const;

/** What becomes of a request; `pause` lets it pass and nothing after it until there are further bytes. */
export type RequestVerdict = "pass" | "pause" | { refused: string };

/**
 * Follows the requests of one connection of HTTP/1 from head to head, and lets no byte pass before it is
 * known what it belongs to.
 */
export class Requests {
  readonly #judge: (head: RequestHead) => RequestVerdict;
  #expecting: Expecting = HEAD;
  readonly #held = new HeldBytes();
  /** Requests whose head has passed. */
  count = 0;

  constructor(judge: (head: RequestHead) => RequestVerdict) {
    this.#judge = judge;
  }

  /** What has not passed yet. */
  get held(): Buffer {
    return this.#held.bytes;
  }

  /** Takes bytes; answers those that may pass, or in words why the connection may not go on. */
  push(bytes: Uint8Array): Buffer[] | string {
    this.#held.push(bytes);
    const passed: Buffer[] = [];
    while (this.#held.length > 0) {
      const step = this.#step();
      if (typeof step === "string") return step;
      if (step === null) break;
      passed.push(step.passed);
      if (step.pause) break;
    }
    return passed;
  }

  /** The next bytes that may pass; null while there are too few. */
  #step(): { passed: Buffer; pause?: boolean } | string | null {
    const expecting = this.#expecting;
    switch (expecting.kind) {
      case "head":
        return this.#head();
      case "body": {
        const passed = this.#held.take(Math.min(expecting.left, this.#held.length));
        const left = expecting.left - passed.length;
        this.#expecting = left > 0 ? { ...expecting, left } : { kind: expecting.next };
        return { passed };
      }
      case "chunkEnd":
        if (this.#held.length < 2) return null;
        if (!this.#held.bytes.subarray(0, 2).equals(END_OF_LINE))
          return "a chunk of its request is malformed";
        this.#expecting = { kind: "chunk" };
        return { passed: this.#held.take(2) };
      default:
        return this.#line(expecting.kind);
    }
  }

  #head(): { passed: Buffer; pause?: boolean } | string | null {
    const end = this.#held.find(END_OF_HEAD);
    if (end > MAX_HEAD || (end < 0 && this.#held.length > MAX_HEAD))
      return "the head of its request is too long";
    if (end < 0) return null;
    const head = parseRequestHead(this.#held.bytes.toString("latin1", 0, end));
    if (typeof head === "string") return head;
    const verdict = this.#judge(head);
    if (typeof verdict === "object") return verdict.refused;
    this.count++;
    const { body } = head;
    if (body.kind === "chunked") this.#expecting = { kind: "chunk" };
    else if (body.bytes > 0) this.#expecting = { kind: "body", left: body.bytes, next: "head" };
    return { passed: this.#held.take(end + END_OF_HEAD.length), pause: verdict === "pause" };
  }

  #line(kind: "chunk" | "trailer"): { passed: Buffer } | string | null {
    const end = this.#held.find(END_OF_LINE);
    if (end > MAX_LINE || (end < 0 && this.#held.length > MAX_LINE))
      return "a line of its request is too long";
    if (end < 0) return null;
    const passed = this.#held.take(end + END_OF_LINE.length);
    if (kind === "trailer") {
      if (end === 0) this.#expecting = HEAD;
      return { passed };
    }
    const size = CHUNK.exec(passed.toString("latin1", 0, end))?.groups?.["size"];
    if (size === undefined) return "a chunk of its request is malformed";
    const left = Number.parseInt(size, 16);
    this.#expecting = left === 0 ? { kind: "trailer" } : { kind: "body", left, next: "chunkEnd" };
    return { passed };
  }
}
