import type { Command } from "./command.js";
import { chmod } from "./files/chmod.js";
import { cp } from "./files/cp.js";
import { find } from "./files/find/find.js";
import { ln } from "./files/ln.js";
import { ls } from "./files/ls.js";
import { mkdir, rmdir } from "./files/mkdir.js";
import { mv } from "./files/mv.js";
import { basename, dirname, readlink, realpath } from "./files/names.js";
import { rm } from "./files/rm.js";
import { touch } from "./files/touch.js";
import { date } from "./process/date.js";
import { env, printenv } from "./process/env.js";
import { hostname, id, uname, whoami } from "./process/identity.js";
import { kill } from "./process/kill.js";
import { pwd } from "./process/pwd.js";
import { sleep } from "./process/sleep.js";
import { which } from "./process/which.js";
import { xargs } from "./process/xargs.js";
import { bracket, test } from "./test/test.js";
import { cat } from "./text/cat.js";
import { echo } from "./text/echo.js";
import { grep } from "./text/grep.js";
import { head } from "./text/head.js";
import { printf } from "./text/printf.js";
import { seq } from "./text/seq.js";
import { sort } from "./text/sort.js";
import { tail } from "./text/tail.js";
import { tee } from "./text/tee.js";
import { wc } from "./text/wc.js";
import { yes } from "./text/yes.js";

/** The commands of /bin, by their names. */
export const commands: Readonly<Record<string, Command>> = {
  "[": bracket,
  basename,
  cat,
  chmod,
  cp,
  date,
  dirname,
  echo,
  egrep: grep,
  env,
  false: () => 1,
  fgrep: grep,
  find,
  grep,
  head,
  hostname,
  id,
  kill,
  ln,
  ls,
  mkdir,
  mv,
  printenv,
  printf,
  pwd,
  readlink,
  realpath,
  rm,
  rmdir,
  seq,
  sleep,
  sort,
  tail,
  tee,
  test,
  touch,
  true: () => 0,
  uname,
  wc,
  which,
  whoami,
  xargs,
  yes,
};
