import type { Disk } from "../../disk/disk.js";
import { requireBuiltin } from "../internals.js";
import { Compiler } from "./compiler.js";
import { Transformer } from "./transformer.js";

/** What a program may be written in. */
export type Language = "js" | "jsx" | "ts" | "tsx";

/** What a process takes for a program, beyond what Node takes. */
export interface Dialect {
  /** What its entry module is written in. */
  language: Language;
  /** The file of the TypeScript compiler, for what Node's own library can't do; null where none is wanted. */
  compiler: string | null;
}

/** Makes JavaScript of a module, whose file there is or isn't. */
export type ToJavaScript = (code: string, filePath: string | null, url: string) => string;

/** The name that Node gives to evaluated TypeScript. */
const EVALUATED = "[eval]";

/**
 * Makes this thread take more of TypeScript than Node does, wherever Node's library strips types: of the entry
 * module, of files that are imported or required. The compiler is read now, before rules bind.
 *
 * Answers what makes JavaScript of the entry module, and throws what is wrong with it as Node words it.
 */
export function adoptDialect({ language, compiler }: Dialect, disk: Disk): ToJavaScript {
  const transformer = new Transformer(compiler === null ? null : new Compiler(disk, compiler));
  transformer.install();
  const { stripTypeScriptModuleTypes } = requireBuiltin("internal/modules/typescript");
  return (code, filePath, url) => {
    if (language === "js") return code;
    return transformer.as(language, () => stripTypeScriptModuleTypes(code, filePath ?? EVALUATED, url));
  };
}
