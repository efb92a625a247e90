import { type Internal, internalBinding, primordials, requireBuiltin } from "./internals.js";

const { FunctionPrototypeCall, JSONParse, JSONStringify, ObjectHasOwn, ReflectApply } = primordials;

// Taken before it is replaced by one that refuses.
const { Connection } = internalBinding("inspector");
const { dispatch, disconnect } = Connection.prototype;

/**
 * What the REPL asks of V8's inspector, and with which parameters: previews, names to complete. Nothing
 * of it answers with an object's insides, so that a program learns nothing that it couldn't reach.
 */
const commands: Readonly<Record<string, readonly string[]>> = {
  __proto__: null as never,
  "Runtime.enable": [],
  "Runtime.disable": [],
  "Runtime.evaluate": ["expression", "throwOnSideEffect", "timeout", "contextId"],
  "Runtime.callFunctionOn": ["functionDeclaration", "objectId", "arguments"],
  "Runtime.globalLexicalScopeNames": ["executionContextId"],
};

type Callback = (error: Error | null, result?: unknown) => void;

/** The part of `inspector.Session` that Node's REPL uses, out of the reach of programs. */
class ReplSession {
  readonly #connection: object;
  readonly #callbacks = { __proto__: null } as unknown as Record<number, Callback>;
  readonly #listeners: Record<string, (message: unknown) => void> = { __proto__: null as never };
  #lastId = 0;

  constructor() {
    this.#connection = new Connection((message: string) => this.#receive(JSONParse(message)));
  }

  once(event: string, listener: (message: unknown) => void): void {
    this.#listeners[event] = listener;
  }

  post(method: string, given?: Internal, callback?: Callback): void {
    const names = commands[method];
    if (names === undefined) return;
    const params: Internal = { __proto__: null };
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      if (given !== undefined && ObjectHasOwn(given, name)) params[name] = given[name];
    }
    const id = ++this.#lastId;
    if (callback !== undefined) this.#callbacks[id] = callback;
    ReflectApply(dispatch, this.#connection, [JSONStringify({ __proto__: null, id, method, params })]);
  }

  close(): void {
    FunctionPrototypeCall(disconnect, this.#connection);
  }

  #receive({ id, method, error, result, ...rest }: Internal): void {
    if (id === undefined) {
      const listener = this.#listeners[method];
      this.#listeners[method] = undefined as never;
      listener?.({ method, ...rest });
      return;
    }
    const callback = this.#callbacks[id];
    if (error === undefined) callback?.(null, result);
    else
      callback?.(
        new (requireBuiltin("internal/errors").codes.ERR_INSPECTOR_COMMAND)(error.code, error.message),
      );
  }
}

/** In the place of Node's function of the same name, which uses a session that programs could get hold of. */
export function sendInspectorCommand(
  use: (session: ReplSession) => unknown,
  onError: () => unknown,
): unknown {
  if (requireBuiltin("internal/process/permission").isEnabled()) return onError();
  const session = new ReplSession();
  try {
    return use(session);
  } finally {
    session.close();
  }
}
