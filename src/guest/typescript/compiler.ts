import type { Disk } from "../../disk/disk.js";
import { type Internal, primordials } from "../internals.js";
import { CompilerScript } from "./compiler-script.js";
import type { Language } from "./dialect.js";

const { ArrayPrototypeFind, MathMax, MathMin, StringPrototypeRepeat, StringPrototypeSplit } = primordials;

/** What a project's own settings may say about how its files become JavaScript. */
const heeded = [
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "experimentalDecorators",
  "emitDecoratorMetadata",
  "useDefineForClassFields",
];

/** JavaScript, and the map that leads from it to the source. */
interface Transpiled {
  code: string;
  map: string;
}

/** The TypeScript compiler of the disk, as a means to turn one source into JavaScript. */
export class Compiler {
  readonly #script: CompilerScript;
  #settings: Internal;

  constructor(disk: Disk, path: string) {
    this.#script = new CompilerScript(disk, path);
  }

  /** Throws what Node's library throws for a source that it can't read. */
  transpile(source: string, filename: string, language: Language): Transpiled {
    if (this.#script.isGone) throw gone(this.#script.path, filename);
    const typescript = this.#script.exports;
    this.#settings ??= this.#readSettings();
    const { outputText, sourceMapText, diagnostics } = typescript.transpileModule(source, {
      // The extension tells the compiler what it reads.
      fileName: `/source.${language}`,
      reportDiagnostics: true,
      compilerOptions: this.#settings,
    });
    const error = ArrayPrototypeFind(
      diagnostics,
      ({ category, file }: Internal) =>
        category === typescript.DiagnosticCategory.Error && file !== undefined,
    );
    if (error !== undefined) throw this.#failure(error, source, filename);
    return { code: outputText, map: sourceMapText };
  }

  /** Node pays no heed to a project's settings; what decorators and JSX become, though, only they can tell. */
  #readSettings(): Internal {
    const typescript = this.#script.exports;
    const settings: Internal = {
      jsx: typescript.JsxEmit.ReactJSX,
      module: typescript.ModuleKind.Preserve,
      // The last one by which decorators are not left as they are.
      target: typescript.ScriptTarget.ES2024 ?? typescript.ScriptTarget.ES2022,
      isolatedModules: true,
      verbatimModuleSyntax: true,
      sourceMap: true,
    };
    const file: string | undefined = typescript.findConfigFile(process.cwd(), typescript.sys.fileExists);
    if (file === undefined) return settings;
    const host = { ...typescript.sys, onUnRecoverableConfigFileDiagnostic: () => undefined };
    const own: Internal = typescript.getParsedCommandLineOfConfigFile(file, undefined, host)?.options;
    for (let i = 0; i < heeded.length; i++) {
      const name = heeded[i] as string;
      if (own?.[name] !== undefined) settings[name] = own[name];
    }
    if (settings.jsx === typescript.JsxEmit.Preserve) settings.jsx = typescript.JsxEmit.ReactJSX;
    return settings;
  }

  /** As Node's library has it, which quotes the line. */
  #failure({ messageText, start, length }: Internal, source: string, filename: string): Internal {
    const typescript = this.#script.exports;
    const { line, character } = typescript.getLineAndCharacterOfPosition(
      typescript.createSourceFile("/source.ts", source, typescript.ScriptTarget.ESNext),
      start,
    );
    const text: string = StringPrototypeSplit(source, "\n")[line] ?? "";
    const width = MathMax(1, MathMin(length, text.length - character));
    return {
      code: "InvalidSyntax",
      message: typescript.flattenDiagnosticMessageText(messageText, "\n"),
      snippet: `${text}\n${StringPrototypeRepeat(" ", character)}${StringPrototypeRepeat("^", width)}\n`,
      filename,
      startLine: line + 1,
    };
  }
}

function gone(path: string, filename: string): Internal {
  const message = `The TypeScript compiler is gone from ${path}`;
  return { code: "UnsupportedSyntax", message, filename, startLine: 1, snippet: "" };
}
