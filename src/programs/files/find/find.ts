import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import { basename } from "node:path";
import type { Command, CommandContext } from "../../command.js";
import { quoted, reason } from "../../errors.js";
import { Turns } from "../../io/files.js";
import { type Found, parseExpression, type Test, type Walk } from "./expression.js";

export const find: Command = async (context) => {
  let follow = false;
  let at = 0;
  for (; /^-[HLP]$|^-O\d$|^--$/.test(context.args[at] ?? ""); at++)
    if (context.args[at] === "-L") follow = true;
  const rest = context.args.slice(at);
  const end = rest.findIndex((arg) => /^-.|^[()!,]$/.test(arg));
  const names = end < 0 ? rest : rest.slice(0, end);
  const walk: Walk = {
    least: 0,
    most: Number.POSITIVE_INFINITY,
    depth: false,
    quit: false,
    follow,
    status: 0,
    atEnd: [],
  };
  const test = parseExpression(context, end < 0 ? [] : rest.slice(end), walk);
  const walker = new Walker(context, walk, test);
  for (const name of names.length === 0 ? ["."] : names)
    await walker.visit(name, name, basename(name) || name, 0);
  for (const finish of walk.atEnd) await finish();
  return walk.status;
};

class Walker {
  readonly #context: CommandContext;
  readonly #walk: Walk;
  readonly #test: Test;
  readonly #turns: Turns;
  /** The directories above: a link to one of them is not gone into. */
  readonly #above: string[] = [];

  constructor(context: CommandContext, walk: Walk, test: Test) {
    this.#context = context;
    this.#walk = walk;
    this.#test = test;
    this.#turns = new Turns(context);
  }

  async visit(start: string, path: string, name: string, depth: number): Promise<void> {
    const walk = this.#walk;
    if (walk.quit) return;
    await this.#turns.next();
    const stats = await this.#look(path);
    if (stats === null) return;
    const found: Found = {
      path,
      name,
      depth,
      stats,
      absolute: this.#context.path(path),
      pruned: false,
      start,
    };
    if (!walk.depth) await this.#examine(found);
    const descends = stats.isDirectory() && !found.pruned && depth < walk.most && !walk.quit;
    if (descends) await this.#descend(start, path, stats, depth);
    if (walk.depth && !walk.quit) await this.#examine(found);
  }

  async #examine(found: Found): Promise<void> {
    if (found.depth >= this.#walk.least) await this.#test(found);
  }

  async #look(path: string): Promise<Stats | null> {
    const absolute = this.#context.path(path);
    try {
      if (this.#walk.follow) {
        const stats = statSync(absolute, { throwIfNoEntry: false });
        if (stats !== undefined) return stats;
      }
      return lstatSync(absolute);
    } catch (error) {
      return this.#complain(path, error);
    }
  }

  async #descend(start: string, path: string, { dev, ino }: Stats, depth: number): Promise<void> {
    const identity = `${dev}:${ino}`;
    if (this.#above.includes(identity)) return;
    let names: string[];
    try {
      names = readdirSync(this.#context.path(path));
    } catch (error) {
      await this.#complain(path, error);
      return;
    }
    this.#above.push(identity);
    for (const name of names)
      await this.visit(start, path.endsWith("/") ? path + name : `${path}/${name}`, name, depth + 1);
    this.#above.pop();
  }

  async #complain(path: string, error: unknown): Promise<null> {
    this.#walk.status = await this.#context.fail(`${quoted(path)}: ${reason(error)}`);
    return null;
  }
}
