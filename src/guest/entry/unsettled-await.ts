import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import { optionValue } from "../options.js";
import type { ProcessEnd } from "../process/end.js";
import { writeStdioText } from "../stdio.js";

const { StringPrototypeRepeat, StringPrototypeSplit } = primordials;
const {
  privateSymbols: { entry_point_promise_private_symbol },
  constants: { kPending },
  getPromiseDetails,
} = internalBinding("util");
const { kUnsettledTopLevelAwait } = internalBinding("errors")["exitCodes"];

/** The module that a program begins with. */
export interface ProgramModule {
  code: string;
  url: string;
}

interface Place {
  line: number;
  column: number;
}

/**
 * Warns of a program that ends while its top level still awaits, as Node's main thread does.
 *
 * In a worker Node sets the exit code alone, and where the program waits only V8 knows. So the place is
 * looked for in the source: it is the last top-level await, which is right when there is but one.
 */
export function warnOfUnsettledAwait(
  env: GuestEnv,
  end: ProcessEnd,
  program: () => ProgramModule | undefined,
): void {
  const global = globalThis as Internal;

  end.onNaturalEnd((exitCode) => {
    const promise = global[entry_point_promise_private_symbol];
    if (exitCode !== kUnsettledTopLevelAwait || promise === undefined) return;
    if (getPromiseDetails(promise)[0] !== kPending || !optionValue("--warnings")) return;
    const module = program();
    if (module !== undefined) warnOfPendingModule(env, module);
  });
}

/** Warns of a module that will wait for ever. */
export function warnOfPendingModule(env: GuestEnv, { code, url }: ProgramModule): void {
  const place = lastAwait(code);
  if (place === undefined) return;
  const { line, column } = place;
  const source = StringPrototypeSplit(code, "\n")[line - 1];
  const caret = `${StringPrototypeRepeat(" ", column)}^`;
  writeStdioText(
    env,
    2,
    `Warning: Detected unsettled top-level await at ${url}:${line}\n${source}\n${caret}\n\n\n\n`,
  );
}

function lastAwait(code: string): Place | undefined {
  try {
    const { parse } = requireBuiltin("internal/deps/acorn/acorn/dist/acorn");
    const tree = parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true });
    return findAwait(tree);
  } catch {
    // Source that this parser doesn't know yet.
    return undefined;
  }
}

/** The last await of a tree that belongs to no function. */
function findAwait(node: Internal): Place | undefined {
  if (node === null || typeof node !== "object") return undefined;
  let found: Place | undefined;
  if (typeof node.type === "string") {
    const { type } = node;
    if (type === "FunctionDeclaration" || type === "FunctionExpression") return undefined;
    if (type === "ArrowFunctionExpression" || type === "PropertyDefinition") return undefined;
    if (type === "AwaitExpression") found = node.loc.start;
    if (type === "ForOfStatement" && node.await)
      found = (node.left.declarations?.[0]?.id ?? node.left).loc.start;
  }
  const keys = primordials.ObjectKeys(node);
  for (let i = 0; i < keys.length; i++) if (keys[i] !== "loc") found = later(found, findAwait(node[keys[i]]));
  return found;
}

function later(a: Place | undefined, b: Place | undefined): Place | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.line > a.line || (b.line === a.line && b.column > a.column) ? b : a;
}
