import { accessSync, constants, lstatSync, type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Descriptor } from "../io/descriptor.js";

/** What the operators of `test` look at. */
export interface TestSurroundings {
  readonly cwd: string;
  readonly descriptors: ReadonlyMap<number, Descriptor>;
}

/** An expression that can't be evaluated. */
export class TestError extends Error {}

export const unaryOperators: ReadonlySet<string> = new Set(
  "-a -b -c -d -e -f -g -h -k -L -n -N -O -G -p -r -s -S -t -u -w -x -z".split(" "),
);

export const binaryOperators: ReadonlySet<string> = new Set(
  "= == != < > -eq -ne -lt -le -gt -ge -nt -ot -ef".split(" "),
);

export function testUnary(surroundings: TestSurroundings, operator: string, operand: string): boolean {
  switch (operator) {
    case "-n":
      return operand !== "";
    case "-z":
      return operand === "";
    case "-t":
      return surroundings.descriptors.get(Number(operand))?.terminal === true;
    case "-r":
      return accessible(surroundings, operand, constants.R_OK);
    case "-w":
      return accessible(surroundings, operand, constants.W_OK);
    case "-x":
      return accessible(surroundings, operand, constants.X_OK);
    case "-h":
    case "-L":
      return lookAt(surroundings, operand, lstatSync)?.isSymbolicLink() === true;
    default: {
      const stats = lookAt(surroundings, operand, statSync);
      return stats !== undefined && holds(operator, stats);
    }
  }
}

function holds(operator: string, stats: Stats): boolean {
  switch (operator) {
    case "-b":
      return stats.isBlockDevice();
    case "-c":
      return stats.isCharacterDevice();
    case "-d":
      return stats.isDirectory();
    case "-f":
      return stats.isFile();
    case "-p":
      return stats.isFIFO();
    case "-S":
      return stats.isSocket();
    case "-s":
      return stats.size > 0;
    case "-u":
      return (stats.mode & 0o4000) !== 0;
    case "-g":
      return (stats.mode & 0o2000) !== 0;
    case "-k":
      return (stats.mode & 0o1000) !== 0;
    case "-O":
      return stats.uid === process.geteuid?.();
    case "-G":
      return stats.gid === process.getegid?.();
    case "-N":
      return stats.mtimeMs > stats.atimeMs;
    default:
      return true;
  }
}

export function testBinary(
  surroundings: TestSurroundings,
  operator: string,
  left: string,
  right: string,
): boolean {
  switch (operator) {
    case "=":
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "-eq":
      return integer(left) === integer(right);
    case "-ne":
      return integer(left) !== integer(right);
    case "-lt":
      return integer(left) < integer(right);
    case "-le":
      return integer(left) <= integer(right);
    case "-gt":
      return integer(left) > integer(right);
    case "-ge":
      return integer(left) >= integer(right);
  }
  const [a, b] = [lookAt(surroundings, left, statSync), lookAt(surroundings, right, statSync)];
  if (operator === "-nt") return a !== undefined && (b === undefined || a.mtimeMs > b.mtimeMs);
  if (operator === "-ot") return b !== undefined && (a === undefined || a.mtimeMs < b.mtimeMs);
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

function integer(text: string): bigint {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new TestError(`${text}: integer expression expected`);
  return BigInt(text.trim().replace(/^\+/, ""));
}

function lookAt(
  { cwd }: TestSurroundings,
  name: string,
  look: (path: string, options: { throwIfNoEntry: false }) => Stats | undefined,
): Stats | undefined {
  if (name === "") return undefined;
  try {
    return look(resolve(cwd, name), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function accessible({ cwd }: TestSurroundings, name: string, mode: number): boolean {
  try {
    accessSync(resolve(cwd, name), mode);
    return name !== "";
  } catch {
    return false;
  }
}
