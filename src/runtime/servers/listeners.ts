import { isIP } from "node:net";
import { GuestServerError } from "../../errors/guest-server-error.js";
import { checkTimeout } from "../options/call-options.js";
import { checkAbortSignal, checkInteger, readFields, refuse } from "../options/checks.js";

/** A server of the guest that takes connections. */
export interface Listener {
  /** The port that it listens to. */
  port: number;
  /** The address: `::` and `0.0.0.0` are all of them. */
  address: string;
  /** The process. */
  pid: number;
}

/** Which server is meant: all that is named has to fit. */
export interface ListenerQuery {
  port?: number | undefined;
  address?: string | undefined;
  pid?: number | undefined;
}

/** Options of `waitForListener()`. */
export interface WaitOptions {
  /** Milliseconds. Default 10,000. */
  timeout?: number | undefined;
  /** Gives up when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** Answers who listens. */
export type ListListeners = () => Promise<Listener[]>;

const WAIT = 10_000;
/** How often is looked, in milliseconds: a look costs a message there and back. */
const INTERVAL = 20;

/** A port that a server may have. */
export function checkPort(value: unknown, key: string): number {
  return checkInteger(value, key, { min: 1, max: 65_535, unit: "a port" });
}

/** Checks a query; a number is a port. Throws InvalidOptionError. */
export function checkQuery(value: unknown): ListenerQuery {
  if (typeof value === "number") return { port: checkPort(value, "query") };
  const { port, address, pid } = readFields(value, "query", ["port", "address", "pid"], "query.");
  if (address !== undefined && (typeof address !== "string" || isIP(address) === 0))
    refuse("query.address", "an IP address", address);
  return {
    port: port === undefined ? undefined : checkPort(port, "query.port"),
    address: address as string | undefined,
    pid:
      pid === undefined
        ? undefined
        : checkInteger(pid, "query.pid", { min: 1, max: 0xffff_ffff, unit: "a process" }),
  };
}

/** The first that fits. */
export function findListener(listeners: readonly Listener[], query: ListenerQuery): Listener | undefined {
  return listeners.find(
    ({ port, address, pid }) =>
      (query.port ?? port) === port && (query.address ?? address) === address && (query.pid ?? pid) === pid,
  );
}

/** Waits for one that fits. Rejects with GuestServerError, with the signal's reason, or as `list` does. */
export async function waitForListener(
  list: ListListeners,
  value: unknown,
  options: unknown,
): Promise<Listener> {
  const query = checkQuery(value);
  const given = readFields(options, "options", ["timeout", "signal"]);
  const timeout = given.timeout === undefined ? WAIT : checkTimeout(given.timeout);
  const signal = given.signal === undefined ? undefined : checkAbortSignal(given.signal, "signal");
  const end = performance.now() + timeout;
  for (;;) {
    signal?.throwIfAborted();
    const listeners = await list();
    const found = findListener(listeners, query);
    if (found !== undefined) return found;
    const left = end - performance.now();
    if (left <= 0) throw tooLate(query, timeout, listeners);
    await pause(Math.min(INTERVAL, left), signal);
  }
}

function tooLate(query: ListenerQuery, timeout: number, listeners: readonly Listener[]): GuestServerError {
  const { port } = query;
  const wanted = port === undefined ? "No server that fits" : `No server at port ${port}`;
  const hint = describeListeners(listeners);
  return new GuestServerError("timeout", port ?? null, `${wanted} listened within ${timeout} ms`, { hint });
}

/** Who listens instead, as a sentence. */
export function describeListeners(listeners: readonly Listener[]): string {
  const ports = [...new Set(listeners.map(({ port }) => port))].sort((a, b) => a - b);
  if (ports.length === 0) return "Nobody listens to any port.";
  const shown = ports.slice(0, 20).join(", ");
  return `There are listeners at ${shown}${ports.length > 20 ? " and more" : ""}.`;
}

function pause(time: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, time);
    signal?.addEventListener("abort", done, { once: true });
  });
}
