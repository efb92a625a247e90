import type { Shell } from "../shell.js";
import { aliasBuiltin, commandBuiltin, hashBuiltin, typeBuiltin, unaliasBuiltin } from "./commands.js";
import { cd, dirs, popd, pushd, pwd } from "./directories.js";
import {
  breakLoop,
  continueLoop,
  evalBuiltin,
  exec,
  exit,
  nothing,
  returnBuiltin,
  shift,
  source,
} from "./flow.js";
import { background, disown, foreground, jobs, kill, wait } from "./jobs.js";
import { set, shopt } from "./options.js";
import { own } from "./own.js";
import { getopts, mapfile, read } from "./read.js";
import { times, trap, ulimit, umask } from "./surroundings.js";
import { declare, exportBuiltin, letBuiltin, local, readonlyBuiltin, unset } from "./variables.js";

/** A command that is part of the shell. Answers its status. */
export type Builtin = (shell: Shell, args: string[]) => Promise<number> | number;

export const builtins: Readonly<Record<string, Builtin>> = {
  ":": nothing,
  ".": source,
  "[": own("["),
  alias: aliasBuiltin,
  bg: background,
  break: breakLoop,
  builtin: commandBuiltin,
  cd,
  command: commandBuiltin,
  continue: continueLoop,
  declare,
  dirs,
  disown,
  echo: own("echo"),
  eval: evalBuiltin,
  exec,
  exit,
  export: exportBuiltin,
  false: () => 1,
  fg: foreground,
  getopts,
  hash: hashBuiltin,
  jobs,
  kill,
  let: letBuiltin,
  local,
  mapfile,
  popd,
  printf: own("printf"),
  pushd,
  pwd,
  read,
  readarray: mapfile,
  readonly: readonlyBuiltin,
  return: returnBuiltin,
  set,
  shift,
  shopt,
  source,
  test: own("test"),
  times,
  trap,
  true: nothing,
  type: typeBuiltin,
  typeset: declare,
  ulimit,
  umask,
  unalias: unaliasBuiltin,
  unset,
  wait,
};

/** The special builtins of POSIX: no function takes their place, and assignments before them last. */
export const specialBuiltins: ReadonlySet<string> = new Set(
  ": . break continue eval exec exit export readonly return set shift times trap unset".split(" "),
);
