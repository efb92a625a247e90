import { CommandError, quoted } from "../errors.js";

/** One change of a mode: who, how and what. */
interface Change {
  who: string;
  operator: string;
  permissions: string;
}

/** A mode as `chmod` takes it: octal, or changes like `u+x,go-w`. */
export type Mode = number | Change[];

export function parseMode(text: string): Mode {
  if (/^[0-7]{1,5}$/.test(text)) return Number.parseInt(text, 8) & 0o7777;
  const changes: Change[] = [];
  for (const clause of text.split(",")) {
    const [, who = "", actions = ""] = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause) ?? [];
    if (actions === "")
      throw new CommandError(`invalid mode: ${quoted(text)}\nTry 'chmod --help' for more information.`);
    for (const [, operator = "", permissions = ""] of actions.matchAll(/([-+=])([rwxXstugo]*)/g))
      changes.push({ who, operator, permissions });
  }
  return changes;
}

const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };

export function changeMode(mode: Mode, before: number, directory: boolean, umask: number): number {
  if (typeof mode === "number") {
    // Digits don't take the set-id bits of a directory.
    return directory && mode < 0o1000 ? mode | (before & 0o6000) : mode;
  }
  let result = before;
  for (const { who, operator, permissions } of mode) {
    const whom = who === "" || who.includes("a") ? "ugo" : who;
    let bits = 0;
    let covered = 0;
    for (const one of whom) {
      const shift = shifts[one] as number;
      covered |= 7 << shift;
      bits |= bitsOf(permissions, result, directory) << shift;
      if (permissions.includes("s") && one !== "o") bits |= one === "u" ? 0o4000 : 0o2000;
    }
    if (permissions.includes("t")) bits |= 0o1000;
    if (who === "") bits &= ~umask;
    if (operator === "+") result |= bits;
    else if (operator === "-") result &= ~bits;
    else result = (result & ~covered) | bits;
  }
  return result;
}

function bitsOf(permissions: string, mode: number, directory: boolean): number {
  if (/^[ugo]$/.test(permissions)) return (mode >> (shifts[permissions] as number)) & 7;
  let bits = 0;
  if (permissions.includes("r")) bits |= 4;
  if (permissions.includes("w")) bits |= 2;
  if (permissions.includes("x") || (permissions.includes("X") && (directory || (mode & 0o111) !== 0)))
    bits |= 1;
  return bits;
}

/** `-rwxr-xr-x` without its first letter. */
export function permissionLetters(mode: number): string {
  const three = (shift: number, special: number, letter: string) => {
    const bits = mode >> shift;
    const execute = (bits & 1) !== 0;
    const last = (mode & special) === 0 ? (execute ? "x" : "-") : execute ? letter : letter.toUpperCase();
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${last}`;
  };
  return three(6, 0o4000, "s") + three(3, 0o2000, "s") + three(0, 0o1000, "t");
}
