import { builtin, type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import type { Compiler } from "./compiler.js";
import type { Language } from "./dialect.js";
import { withSourceMap } from "./source-map.js";

const { FunctionPrototypeCall, StringPrototypeEndsWith, Symbol: makeSymbol } = primordials;
const { ModuleWrap } = internalBinding("module_wrap");

/** Node's library for TypeScript, which is asked for whatever is not JavaScript. */
const library = "internal/deps/amaro/dist/index";

interface Request {
  mode: string;
  filename: string;
  sourceMap?: boolean;
}

interface Transformed {
  code: string;
  map?: string;
}

type Transform = (source: string, request: Request) => Transformed;

/**
 * Turns TypeScript into JavaScript, each source by the least that it needs: Node's library strips its types, so
 * that lines and columns stay; the same library transforms it where that isn't enough (enums, namespaces,
 * parameter properties); decorators and JSX are left to the compiler, where there is one.
 */
export class Transformer {
  readonly #compiler: Compiler | null;
  /** The language of the source under way, where its name doesn't tell. */
  #language: Language | null = null;
  #mapsSources = false;

  constructor(compiler: Compiler | null) {
    this.#compiler = compiler;
  }

  /** Takes the place of Node's library in front of those who ask it. */
  install(): void {
    const original: Transform = requireBuiltin(library).transformSync;
    builtin(library).exports = {
      transformSync: (source: string, request: Request) => this.#transform(original, source, request),
    };
    if (this.#compiler !== null) acceptJsx();
  }

  /** Has what is transformed meanwhile taken for a language. */
  as<T>(language: Language, transform: () => T): T {
    this.#language = language;
    try {
      return transform();
    } finally {
      this.#language = null;
    }
  }

  #transform(original: Transform, source: string, request: Request): Transformed {
    const { filename } = request;
    const jsx = this.#language ?? languageOf(filename);
    if (this.#compiler !== null && (jsx === "jsx" || jsx === "tsx"))
      return this.#compile(source, filename, jsx);
    const code = this.#withoutCompiler(original, source, request);
    if (this.#compiler === null || isModule(code)) return { code };
    return this.#compile(source, filename, "ts");
  }

  #withoutCompiler(original: Transform, source: string, request: Request): string {
    try {
      return original(source, request).code;
    } catch (error) {
      if ((error as Internal)?.code !== "UnsupportedSyntax") throw error;
      const { code, map } = original(source, { ...request, mode: "transform", sourceMap: true });
      this.#enableSourceMaps();
      return withSourceMap(code, map as string, request.filename, source);
    }
  }

  #compile(source: string, filename: string, language: Language): Transformed {
    const { code, map } = (this.#compiler as Compiler).transpile(source, filename, language);
    this.#enableSourceMaps();
    return { code: withSourceMap(code, map, filename, source) };
  }

  /** Without it stacks would show lines that nobody has written. */
  #enableSourceMaps(): void {
    if (this.#mapsSources) return;
    this.#mapsSources = true;
    requireBuiltin("internal/source_map/source_map_cache").setSourceMapsSupport(true);
  }
}

function languageOf(name: string): Language {
  if (StringPrototypeEndsWith(name, ".tsx")) return "tsx";
  return StringPrototypeEndsWith(name, ".jsx") ? "jsx" : "ts";
}

/** Makes Node's loaders treat files with JSX as those with TypeScript. */
function acceptJsx(): void {
  const { extensionFormatMap, initializeExtensionFormatMap } = requireBuiltin(
    "internal/modules/esm/get_format",
  );
  initializeExtensionFormatMap();
  const { Module } = requireBuiltin("internal/modules/cjs/loader");
  const { readFileSync } = requireBuiltin("fs");
  const load = (module: Internal, filename: string) =>
    FunctionPrototypeCall(
      Module.prototype._compile,
      module,
      readFileSync(filename, "utf8"),
      filename,
      "typescript",
    );
  for (let i = 0; i < 2; i++) {
    const extension = i === 0 ? ".tsx" : ".jsx";
    extensionFormatMap[extension] = "module-typescript";
    Module._extensions[extension] = load;
  }
}

/** Decorators are what V8 can't read yet, whatever Node's library makes of the rest. */
function isModule(code: string): boolean {
  try {
    new ModuleWrap("node:internal/source", undefined, code, 0, 0, makeSymbol("source"));
    return true;
  } catch {
    return false;
  }
}
