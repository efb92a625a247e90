import { type AnyNode, parse, type VariableDeclarator } from "acorn";

/** What a built-in module takes out of its bindings. */
export interface Captures {
  /** `binding.member`, taken once when the module loads. */
  members: string[];
  /** Bindings that it fetches later, inside of functions. */
  late: string[];
}

/** Reads a built-in module's source for its uses of `internalBinding`. */
export function readCaptures(source: string): Captures {
  const tree = parse(source, {
    ecmaVersion: "latest",
    sourceType: "script",
    allowReturnOutsideFunction: true,
    allowAwaitOutsideFunction: true,
  });
  return new Reader().read(tree);
}

class Reader {
  readonly #found: Captures = { members: [], late: [] };
  /** Names of the module's own that hold a whole binding. */
  readonly #aliases = new Map<string, string>();

  read(tree: AnyNode): Captures {
    this.#walk(tree, false);
    return this.#found;
  }

  #walk(node: AnyNode, inFunction: boolean): void {
    const fetched = fetchedBinding(node);
    if (fetched !== undefined && inFunction) this.#found.late.push(fetched);
    if (!inFunction) this.#take(node);
    const deeper = inFunction || /Function|MethodDefinition/.test(node.type);
    for (const [key, value] of Object.entries(node)) {
      if (key === "type") continue;
      for (const child of Array.isArray(value) ? value : [value])
        if (isNode(child)) this.#walk(child, deeper);
    }
  }

  /** The binding that an expression stands for. */
  #binding(node: AnyNode | null | undefined): string | undefined {
    if (node?.type === "Identifier") return this.#aliases.get(node.name);
    return node ? fetchedBinding(node) : undefined;
  }

  #take(node: AnyNode): void {
    if (node.type === "VariableDeclarator") this.#declare(node);
    if (node.type !== "MemberExpression" || node.property.type !== "Identifier") return;
    const binding = this.#binding(node.object);
    if (binding !== undefined) this.#found.members.push(`${binding}.${node.property.name}`);
  }

  #declare({ id, init }: VariableDeclarator): void {
    const binding = this.#binding(init);
    if (binding === undefined) return;
    if (id.type === "Identifier") this.#aliases.set(id.name, binding);
    if (id.type !== "ObjectPattern") return;
    for (const property of id.properties)
      if (property.type === "Property" && property.key.type === "Identifier")
        this.#found.members.push(`${binding}.${property.key.name}`);
  }
}

function fetchedBinding(node: AnyNode): string | undefined {
  if (node.type !== "CallExpression" || node.callee.type !== "Identifier") return undefined;
  const [argument] = node.arguments;
  return node.callee.name === "internalBinding" && argument?.type === "Literal"
    ? String(argument.value)
    : undefined;
}

function isNode(value: unknown): value is AnyNode {
  return (
    typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string"
  );
}
