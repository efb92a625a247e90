import { type Internal, primordials } from "../../internals.js";
import { addReason } from "../add-reason.js";
import { callBack, endOperation, Operation } from "../completions.js";

const { FunctionPrototypeCall } = primordials;

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
