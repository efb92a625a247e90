import type { Stats } from "node:fs";
import type { CommandContext } from "../../command.js";
import { CommandError } from "../../errors.js";
import { actions } from "./actions.js";
import { tests } from "./tests.js";

/** A file that `find` has come to. */
export interface Found {
  /** As it is shown. */
  path: string;
  absolute: string;
  name: string;
  depth: number;
  stats: Stats;
  /** Set where its directory is not to be gone into. */
  pruned: boolean;
  /** The operand that it was found from. */
  start: string;
}

/** What the whole walk goes by. */
export interface Walk {
  least: number;
  most: number;
  /** Whether what is in a directory comes before it. */
  depth: boolean;
  follow: boolean;
  quit: boolean;
  status: number;
  atEnd: (() => Promise<void>)[];
}

export type Test = (found: Found) => boolean | Promise<boolean>;

/** What a primary is made from: it takes its arguments from the line. */
export interface Line {
  context: CommandContext;
  walk: Walk;
  /** The primary's own name, with the dash. */
  name: string;
  argument(): string;
  /** The words up to one that `ends` tells, which is taken too. */
  until(ends: (word: string, before: string | undefined) => boolean): string[];
}

export type Primary = (line: Line) => Test;

export function parseExpression(context: CommandContext, words: readonly string[], walk: Walk): Test {
  return new Parser(context, words, walk).parse();
}

/** They print for themselves, and so nothing else does. */
const acting = new Set([
  "-print",
  "-print0",
  "-printf",
  "-ls",
  "-delete",
  "-exec",
  "-execdir",
  "-ok",
  "-fprint",
]);

class Parser {
  readonly #context: CommandContext;
  readonly #words: readonly string[];
  readonly #walk: Walk;
  #at = 0;

  constructor(context: CommandContext, words: readonly string[], walk: Walk) {
    this.#context = context;
    this.#words = words;
    this.#walk = walk;
  }

  parse(): Test {
    const test = this.#words.length === 0 ? () => true : this.#list();
    const left = this.#words[this.#at];
    if (left !== undefined)
      throw new CommandError(
        left === ")"
          ? "invalid expression; you have used a binary operator ')' with nothing before it."
          : `paths must precede expression: \`${left}'`,
      );
    if (this.#words.some((word) => acting.has(word))) return test;
    const { stdout } = this.#context;
    return async (found) => {
      if (!(await test(found))) return false;
      await stdout(`${found.path}\n`);
      return true;
    };
  }

  #list(): Test {
    let test = this.#or();
    while (this.#take(",")) {
      const [left, right] = [test, this.#or()];
      test = async (found) => {
        await left(found);
        return right(found);
      };
    }
    return test;
  }

  #or(): Test {
    let test = this.#and();
    while (this.#take("-o") || this.#take("-or")) {
      const [left, right] = [test, this.#and()];
      test = async (found) => (await left(found)) || (await right(found));
    }
    return test;
  }

  #and(): Test {
    let test = this.#not();
    for (;;) {
      const word = this.#words[this.#at];
      if (word === undefined || [")", "-o", "-or", ","].includes(word)) return test;
      if (word === "-a" || word === "-and") this.#at++;
      const [left, right] = [test, this.#not()];
      test = async (found) => (await left(found)) && (await right(found));
    }
  }

  #not(): Test {
    if (!this.#take("!") && !this.#take("-not")) return this.#primary();
    const test = this.#not();
    return async (found) => !(await test(found));
  }

  #primary(): Test {
    const name = this.#words[this.#at++];
    if (name === undefined) throw new CommandError(`expected an expression after '${this.#words.at(-1)}'`);
    if (name === "(") {
      const test = this.#list();
      if (!this.#take(")"))
        throw new CommandError(
          "invalid expression; I was expecting to find a ')' somewhere but did not see one.",
        );
      return test;
    }
    const primary = Object.hasOwn(tests, name)
      ? tests[name]
      : Object.hasOwn(actions, name)
        ? actions[name]
        : undefined;
    if (primary === undefined) {
      if (name.startsWith("-")) throw new CommandError(`unknown predicate \`${name}'`);
      this.#at--;
      throw new CommandError(`paths must precede expression: \`${name}'`);
    }
    return primary({
      context: this.#context,
      walk: this.#walk,
      name,
      argument: () => {
        const word = this.#words[this.#at++];
        if (word === undefined) throw new CommandError(`missing argument to \`${name}'`);
        return word;
      },
      until: (ends) => {
        const taken: string[] = [];
        for (;;) {
          const word = this.#words[this.#at++];
          if (word === undefined) throw new CommandError(`missing argument to \`${name}'`);
          const end = ends(word, taken.at(-1));
          taken.push(word);
          if (end) return taken;
        }
      },
    });
  }

  #take(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at++;
    return true;
  }
}
