/**
 * How an asynchronous operation of the bindings ends: on a later turn of the event loop, in its poll
 * phase, with the asynchronous context of its beginning.
 *
 * The work itself is done when it is asked for, since the disk lies in the same memory. Node's own way
 * back to JavaScript is a libuv callback; ours is a message from this thread to itself, which libuv
 * delivers in the same phase, so that immediates and timers follow a callback in the order they do in
 * Node. One message serves all that was asked for since the last one.
 */
import process from "node:process";
import { MessageChannel } from "node:worker_threads";
import { uncurryThis } from "../../primordials/primordials.js";
import { primordials, requireBuiltin } from "../internals.js";

const { ObjectDefineProperty, SymbolFor } = primordials;
const { newAsyncId, getDefaultTriggerAsyncId, emitInit, emitBefore, emitAfter, emitDestroy, initHooksExist } =
  requireBuiltin("internal/async_hooks");
const AsyncContextFrame = requireBuiltin("internal/async_context_frame");
// Reading it is what makes the class switch to its working methods.
const framesEnabled: boolean = AsyncContextFrame.enabled;
const currentFrame: () => unknown = AsyncContextFrame.current;
const exchangeFrame: (frame: unknown) => unknown = AsyncContextFrame.exchange;

/** Runs what `process.nextTick` and promises have queued, as Node does between two callbacks. */
const runTicks = (process as unknown as { _tickCallback: () => void })._tickCallback;

/** The asynchronous operation in Node's books: its ids, and the context that it began in. */
export class Operation {
  readonly asyncId: number = newAsyncId();
  readonly triggerId: number = getDefaultTriggerAsyncId();
  readonly frame: unknown = framesEnabled ? currentFrame() : undefined;

  /** `resource` is what async hooks are shown. */
  constructor(type: string, resource: object) {
    if (initHooksExist()) emitInit(this.asyncId, type, this.triggerId, resource);
  }
}

class Completion {
  next: Completion | undefined = undefined;
  readonly operation: Operation;
  readonly resource: object;
  readonly deliver: () => void;

  constructor(operation: Operation, resource: object, deliver: () => void) {
    this.operation = operation;
    this.resource = resource;
    this.deliver = deliver;
  }
}

const { port1, port2 } = new MessageChannel();
const postMessage = uncurryThis(port1.postMessage);
const ref = uncurryThis(port2.ref);
const unref = uncurryThis(port2.unref);
// Node looks at the first before any EventTarget code, and assigns to the second: as own properties, both
// are out of a guest's reach.
ObjectDefineProperty(port2, SymbolFor("nodejs.internal.kHybridDispatch"), {
  __proto__: null,
  value: drain,
});
ObjectDefineProperty(port2, SymbolFor("nodejs.internal.kCurrentlyReceivingPorts"), {
  __proto__: null,
  writable: true,
  value: undefined,
});
port2.start();
unref(port2);
unref(port1);

let first: Completion | undefined;
let last: Completion | undefined;
let signalled = false;

function signal(): void {
  if (signalled) return;
  signalled = true;
  ref(port2);
  postMessage(port1, 0);
}

/** Calls `deliver` on a later turn of the loop, inside of the operation's context. */
export function complete(operation: Operation, resource: object, deliver: () => void): void {
  const completion = new Completion(operation, resource, deliver);
  if (last === undefined) first = completion;
  else last.next = completion;
  last = completion;
  signal();
}

function drain(): void {
  signalled = false;
  let rest = first;
  first = undefined;
  last = undefined;
  try {
    while (rest !== undefined) {
      const completion: Completion = rest;
      rest = completion.next;
      run(completion);
      if (rest !== undefined) runTicks();
    }
  } finally {
    // A callback has thrown: Node reports that, and the others have their turn all the same.
    if (rest !== undefined) putBack(rest);
    if (!signalled) unref(port2);
  }
}

function run({ operation, resource, deliver }: Completion): void {
  const before = framesEnabled ? exchangeFrame(operation.frame) : undefined;
  emitBefore(operation.asyncId, operation.triggerId, resource);
  try {
    deliver();
    emitAfter(operation.asyncId);
  } finally {
    emitDestroy(operation.asyncId);
  }
  if (framesEnabled) exchangeFrame(before);
}

function putBack(rest: Completion): void {
  let end = rest;
  while (end.next !== undefined) end = end.next;
  end.next = first;
  first = rest;
  last ??= end;
  signal();
}
