/**
 * How an asynchronous operation of the bindings ends: on a later turn of the event loop, in its poll
 * phase, with the asynchronous context of its beginning.
 *
 * The work itself is done when it is asked for, since the disk lies in the same memory. Node's own way
 * back to JavaScript is a libuv callback; ours are messages from this thread to itself, which libuv
 * delivers in the same phase, so that ticks, immediates and timers follow a callback in the order they do
 * in Node. Each completion is a message of its own on the port `arrivals`: Node runs ticks and promises
 * after each. What is asked for meanwhile has to wait for the next turn, whereas Node delivers what
 * arrives at a port while it delivers: so the first step is a message on another port, `turns`, which
 * libuv has looked at already, as it looks at handles in the order of their making.
 */
import { MessageChannel } from "node:worker_threads";
import { uncurryThis } from "../../primordials/primordials.js";
import { primordials, requireBuiltin } from "../internals.js";
import { interceptPort } from "../kernel-port.js";

const { ArrayPrototypePush } = primordials;
const { newAsyncId, getDefaultTriggerAsyncId, emitInit, emitBefore, emitAfter, emitDestroy, initHooksExist } =
  requireBuiltin("internal/async_hooks");
const AsyncContextFrame = requireBuiltin("internal/async_context_frame");
// Reading it is what makes the class switch to its working methods.
const framesEnabled: boolean = AsyncContextFrame.enabled;
const currentFrame: () => unknown = AsyncContextFrame.current;
const exchangeFrame: (frame: unknown) => unknown = AsyncContextFrame.exchange;

/** What callbacks run in. */
export interface Context {
  readonly asyncId: number;
  readonly triggerId: number;
  readonly frame: unknown;
}

/** That of a native handle, as it is made. */
export function contextOf(handle: { getAsyncId(): number }): Context {
  return {
    asyncId: handle.getAsyncId(),
    triggerId: getDefaultTriggerAsyncId(),
    frame: framesEnabled ? currentFrame() : undefined,
  };
}

/** The asynchronous operation in Node's books: its ids, and the context that it began in. */
export class Operation implements Context {
  readonly asyncId: number = newAsyncId();
  readonly triggerId: number = getDefaultTriggerAsyncId();
  readonly frame: unknown = framesEnabled ? currentFrame() : undefined;

  /** `resource` is what async hooks are shown. */
  constructor(type: string, resource: object) {
    if (initHooksExist()) emitInit(this.asyncId, type, this.triggerId, resource);
  }
}

/** Calls back inside of an operation's context, as native code does. */
export function callBack(operation: Context, resource: object, callback: () => void): void {
  const before = framesEnabled ? exchangeFrame(operation.frame) : undefined;
  emitBefore(operation.asyncId, operation.triggerId, resource);
  callback();
  emitAfter(operation.asyncId);
  if (framesEnabled) exchangeFrame(before);
}

/** Tells async hooks that an operation is over. */
export function endOperation(operation: Operation): void {
  emitDestroy(operation.asyncId);
}

class Completion {
  next: Completion | undefined = undefined;
  readonly operation: Operation | undefined;
  readonly resource: object;
  readonly deliver: () => void;

  constructor(operation: Operation | undefined, resource: object, deliver: () => void) {
    this.operation = operation;
    this.resource = resource;
    this.deliver = deliver;
  }
}

const turns = new MessageChannel();
const arrivals = new MessageChannel();
const postMessage = uncurryThis(turns.port1.postMessage);
const ref = uncurryThis(turns.port1.ref);
const unref = uncurryThis(turns.port1.unref);

function receive({ port1, port2 }: MessageChannel, handler: () => void): void {
  interceptPort(port2, handler);
  port2.start();
  unref(port1);
  unref(port2);
}
receive(turns, forward);
receive(arrivals, deliverNext);

let first: Completion | undefined;
let last: Completion | undefined;
/** Those that no message on `arrivals` is on its way for. */
let waiting = 0;
let signalled = false;
let referenced = false;

/** What asynchronous operations that have not called back yet are shown as, in their order. */
export function pendingResources(): object[] {
  const resources: object[] = [];
  for (let each = first; each !== undefined; each = each.next)
    if (each.operation !== undefined) ArrayPrototypePush(resources, each.resource);
  return resources;
}

/** Whether anything has not called back yet. */
export function hasCompletions(): boolean {
  return first !== undefined;
}

/** Calls `deliver` on a later turn of the loop, inside of the operation's context. */
export function complete(operation: Operation, resource: object, deliver: () => void): void {
  enqueue(new Completion(operation, resource, deliver));
}

/** The same, for what enters contexts of its own. */
export function later(deliver: () => void): void {
  enqueue(new Completion(undefined, turns, deliver));
}

function enqueue(completion: Completion): void {
  if (!referenced) ref(arrivals.port2);
  referenced = true;
  if (!signalled) postMessage(turns.port1, 0);
  signalled = true;
  // Nothing is called from here on, so that a stack that is used up stops all of it or nothing.
  if (last === undefined) first = completion;
  else last.next = completion;
  last = completion;
  waiting++;
}

function forward(): void {
  signalled = false;
  for (; waiting > 0; waiting--) postMessage(arrivals.port1, 0);
}

function deliverNext(): void {
  const completion = first;
  if (completion === undefined) return;
  first = completion.next;
  if (first === undefined) {
    last = undefined;
    referenced = false;
    unref(arrivals.port2);
  }
  const { operation, resource, deliver } = completion;
  if (operation === undefined) {
    deliver();
    return;
  }
  try {
    callBack(operation, resource, deliver);
  } finally {
    endOperation(operation);
  }
}
