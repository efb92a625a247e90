import { requireBuiltin } from "./internals.js";

/*
 * Node's own functions. `process._tickCallback` is the second one where nothing warns of it; asking for them
 * registers what is registered already.
 */
const { nextTick, runNextTicks } = requireBuiltin("internal/process/task_queues").setupTaskQueue();

/** `process.nextTick`, whatever the program has put in its place. */
export const onNextTick: (callback: () => void) => void = nextTick;

/** What Node's C++ does after each call of JavaScript: runs ticks and promises. */
export const runTicks: () => void = runNextTicks;
