import type { Value } from "./values.js";

/** The variables that the machine itself gives and heeds. */
const given: Readonly<Record<string, Value>> = {
  CONVFMT: "%.6g",
  FILENAME: "",
  FNR: 0,
  FS: " ",
  NF: 0,
  NR: 0,
  OFMT: "%.6g",
  OFS: " ",
  ORS: "\n",
  RLENGTH: -1,
  RS: "\n",
  RSTART: 0,
  SUBSEP: "\x1c",
};

/** The variables of a program that belong to no function. */
export class Globals {
  readonly values: Record<string, Value | Map<string, Value>> = Object.assign(Object.create(null), given);

  /** Whether an assignment does more than keep a value. */
  special(name: string): boolean {
    return name === "NF";
  }

  array(name: string): Map<string, Value> {
    const there = this.values[name];
    if (there instanceof Map) return there;
    const made = new Map<string, Value>();
    this.values[name] = made;
    return made;
  }
}
