/** The three ways that a function of the binding answers: at once, to a request's callback, by a promise. */

import { nativeFsBinding } from "../../internals.js";
import { complete, Operation } from "../completions.js";

const usePromises: symbol = nativeFsBinding["kUsePromises"];

interface Callback {
  oncomplete?: (error: unknown, value?: unknown) => void;
}

/** What `fs` makes for each call with a callback. */
export class FSReqCallback implements Callback {
  declare oncomplete?: (error: unknown, value?: unknown) => void;
  readonly #operation: Operation;

  constructor() {
    this.#operation = new Operation("FSREQCALLBACK", this);
  }

  getAsyncId(): number {
    return this.#operation.asyncId;
  }

  /** The work is done by the time that anybody could cancel it. */
  cancel(): void {
    return;
  }

  static isOne(value: unknown): boolean {
    return typeof value === "object" && value !== null && #operation in value;
  }

  static operationOf(request: object): Operation {
    return #operation in request ? request.#operation : new Operation("FSREQCALLBACK", request);
  }
}

const { isOne, operationOf } = FSReqCallback;
const NativePromise = Promise;

/** What async hooks are shown for the promise form. */
class FSReqPromise {}

/** A function's last argument: undefined is the synchronous form. */
export type Request = unknown;

/** Whether an argument is a request of one of the two asynchronous forms, and no other value. */
export function isRequest(value: unknown): boolean {
  return value === usePromises || isOne(value);
}

/** Whether the request is one of the two asynchronous forms. */
export function isAsync(request: Request): boolean {
  return request !== undefined && request !== null;
}

/** An asynchronous request that has begun. */
export interface Pending {
  /** What the function returns: a promise, or undefined for a callback. */
  readonly answer: Promise<unknown> | undefined;
  /** Ends it on a later turn of the loop; called once. */
  settle(failed: boolean, value: unknown): void;
}

/** Begins a request whose end is not known yet. */
export function begin(request: Request): Pending {
  if (request === usePromises) {
    const resource = new FSReqPromise();
    const operation = new Operation("FSREQPROMISE", resource);
    let resolvePromise: (value: unknown) => void = ignore;
    let rejectPromise: (value: unknown) => void = ignore;
    const answer = new NativePromise((resolve, reject) => {
      resolvePromise = resolve;
      rejectPromise = reject;
    });
    return {
      answer,
      settle(failed, value) {
        complete(operation, resource, () => (failed ? rejectPromise(value) : resolvePromise(value)));
      },
    };
  }
  const callback = request as Callback;
  const operation = operationOf(callback);
  return {
    answer: undefined,
    settle(failed, value) {
      complete(operation, callback, () => {
        if (typeof callback.oncomplete !== "function") return;
        if (failed) callback.oncomplete(value);
        else if (value === undefined) callback.oncomplete(null);
        else callback.oncomplete(null, value);
      });
    },
  };
}

function ignore(): void {
  return;
}

function settle(request: Request, failed: boolean, value: unknown): Promise<unknown> | undefined {
  const pending = begin(request);
  pending.settle(failed, value);
  return pending.answer;
}

/** Answers an asynchronous request with a value. */
export function succeed(request: Request, value?: unknown): Promise<unknown> | undefined {
  return settle(request, false, value);
}

/** Answers an asynchronous request with an error. */
export function fail(request: Request, error: unknown): Promise<unknown> | undefined {
  return settle(request, true, error);
}
