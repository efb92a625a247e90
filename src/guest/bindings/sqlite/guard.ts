/** What SQL may do on one connection: everything but reach for files. */
import { deniedError } from "../../denied.js";
import { primordials } from "../../internals.js";
import { isInMemory } from "./place.js";

const { ReflectApply, StringPrototypeToLowerCase } = primordials;
// SQLite's numbers, which never change. The binding that has them is loaded when a program wants it.
const SQLITE_OK = 0;
const SQLITE_IGNORE = 2;
const SQLITE_PRAGMA = 19;
const SQLITE_ATTACH = 24;
const SQLITE_FUNCTION = 31;

export type Authorizer = (...details: unknown[]) => unknown;

/** Temporary tables, indices and what sorting spills: none of it in files. */
export const setUp = "PRAGMA temp_store = MEMORY";

/** What SQLite attaches while it takes over a serialized database. */
const deserialized = "x";

/** The authorizer of one connection: ours, then the program's. */
export class Guard {
  /** The connection that is open now has the authorizer. */
  inForce = false;
  /** The program's own. */
  authorizer: Authorizer | null = null;
  /** SQLite is about to attach what it takes over. */
  deserializing = false;

  readonly judge: Authorizer = (action, first, second, database, trigger) => {
    switch (action) {
      case SQLITE_ATTACH:
        this.#attach(first);
        break;
      case SQLITE_PRAGMA:
        if (second !== null && !this.#allowsSetting(StringPrototypeToLowerCase(first))) return SQLITE_IGNORE;
        break;
      case SQLITE_FUNCTION:
        if (StringPrototypeToLowerCase(second) === "load_extension")
          throw deniedError("extensions of SQLite", this.judge);
        break;
    }
    const { authorizer, deserializing } = this;
    if (authorizer === null) return SQLITE_OK;
    // What it runs itself is judged as ever.
    this.deserializing = false;
    const answer = ReflectApply(authorizer, undefined, [action, first, second, database, trigger]);
    this.deserializing = deserializing;
    return answer;
  };

  /** A name that is known only when the statement runs comes as null. */
  #attach(name: unknown): void {
    if (this.deserializing && name === deserialized) {
      this.deserializing = false;
      return;
    }
    if (typeof name === "string" && isInMemory(name)) return;
    throw deniedError('attached SQLite databases in files (":memory:" works)', this.judge);
  }

  #allowsSetting(pragma: string): boolean {
    switch (pragma) {
      // As in a SQLite that is built to have temporary data in memory always.
      case "temp_store":
        return false;
      case "temp_store_directory":
      case "data_store_directory":
      // They hold for the whole machine.
      case "soft_heap_limit":
      case "hard_heap_limit":
        throw deniedError(`PRAGMA ${pragma}`, this.judge);
      default:
        return true;
    }
  }
}
