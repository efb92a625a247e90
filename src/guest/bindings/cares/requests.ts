import { type Internal, primordials } from "../../internals.js";
import { callBack, endOperation, Operation } from "../completions.js";

const { FunctionPrototypeCall, ObjectDefineProperty, StringPrototypeIndexOf, StringPrototypeSlice } =
  primordials;

/** A request of `node:dns`: what async hooks know of it, and how it ends. */
abstract class NameRequest {
  readonly #operation: Operation;
  declare oncomplete: (...answer: unknown[]) => void;

  constructor(type: string) {
    this.#operation = new Operation(type, this);
  }

  getAsyncId(): number {
    return this.#operation.asyncId;
  }

  /** Ends the request: in its own context, once. */
  static answer(
    request: NameRequest,
    reason: string | null,
    one: unknown,
    two?: unknown,
    three?: unknown,
  ): void {
    if (reason !== null) explain(request, reason);
    const operation = request.#operation;
    try {
      callBack(operation, request, () => request.oncomplete(one, two, three));
    } finally {
      endOperation(operation);
    }
  }
}

export const answerRequest = NameRequest.answer;

/** Has the error that Node makes for a request say why it was refused. */
function explain(request: Internal, reason: string): void {
  // Callbacks and promises: both are properties that Node's library put there.
  const key = typeof request.reject === "function" ? "reject" : "callback";
  const deliver = request[key];
  if (typeof deliver !== "function") return;
  request[key] = function explained(error: Internal) {
    addReason(error, reason);
    return FunctionPrototypeCall(deliver, this, error);
  };
}

function addReason(error: Internal, reason: string): void {
  const message: unknown = error?.message;
  const stack: unknown = error?.stack;
  if (typeof message !== "string") return;
  const whole = `${message} (${reason})`;
  hide(error, "message", whole);
  if (typeof stack !== "string") return;
  const at: number = StringPrototypeIndexOf(stack, message);
  if (at < 0) return;
  const rest = StringPrototypeSlice(stack, at + message.length);
  hide(error, "stack", `${StringPrototypeSlice(stack, 0, at)}${whole}${rest}`);
}

function hide(target: object, name: string, value: string): void {
  ObjectDefineProperty(target, name, {
    __proto__: null,
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}

export class GetAddrInfoReqWrap extends NameRequest {
  constructor() {
    super("GETADDRINFOREQWRAP");
  }
}

export class GetNameInfoReqWrap extends NameRequest {
  constructor() {
    super("GETNAMEINFOREQWRAP");
  }
}

export class QueryReqWrap extends NameRequest {
  constructor() {
    super("QUERYWRAP");
  }
}
