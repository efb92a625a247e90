import { awk } from "./awk/awk.js";
import type { Command } from "./command.js";
import { curl } from "./curl/curl.js";
import { chmod } from "./files/chmod.js";
import { cp } from "./files/cp.js";
import { df } from "./files/df.js";
import { du } from "./files/du.js";
import { find } from "./files/find/find.js";
import { gzip } from "./files/gzip.js";
import { ln } from "./files/ln.js";
import { ls } from "./files/ls.js";
import { mkdir, rmdir } from "./files/mkdir.js";
import { mv } from "./files/mv.js";
import { basename, dirname, readlink, realpath } from "./files/names.js";
import { rm } from "./files/rm.js";
import { stat } from "./files/stat.js";
import { tar } from "./files/tar/tar.js";
import { touch } from "./files/touch.js";
import { jq } from "./jq/jq.js";
import { date } from "./process/date.js";
import { env, printenv } from "./process/env.js";
import { hostname, id, uname, whoami } from "./process/identity.js";
import { kill } from "./process/kill.js";
import { ps } from "./process/ps.js";
import { pwd } from "./process/pwd.js";
import { sleep } from "./process/sleep.js";
import { which } from "./process/which.js";
import { xargs } from "./process/xargs.js";
import { sed } from "./sed/sed.js";
import { bracket, test } from "./test/test.js";
import { base64 } from "./text/base64.js";
import { cat } from "./text/cat.js";
import { md5sum, sha1sum, sha224sum, sha256sum, sha384sum, sha512sum } from "./text/checksums.js";
import { cut } from "./text/cut.js";
import { diff } from "./text/diff/diff.js";
import { echo } from "./text/echo.js";
import { grep } from "./text/grep.js";
import { head } from "./text/head.js";
import { printf } from "./text/printf.js";
import { seq } from "./text/seq.js";
import { sort } from "./text/sort.js";
import { tail } from "./text/tail.js";
import { tee } from "./text/tee.js";
import { tr } from "./text/tr.js";
import { uniq } from "./text/uniq.js";
import { wc } from "./text/wc.js";
import { yes } from "./text/yes.js";

/** The commands of /bin, by their names. */
export const commands: Readonly<Record<string, Command>> = {
  "[": bracket,
  awk,
  base64,
  basename,
  cat,
  chmod,
  cp,
  curl,
  cut,
  date,
  df,
  diff,
  dirname,
  du,
  echo,
  egrep: grep,
  env,
  false: () => 1,
  fgrep: grep,
  find,
  grep,
  gunzip: gzip,
  gzip,
  head,
  hostname,
  id,
  jq,
  kill,
  ln,
  ls,
  md5sum,
  mkdir,
  mv,
  printenv,
  printf,
  ps,
  pwd,
  readlink,
  realpath,
  rm,
  rmdir,
  sed,
  seq,
  sha1sum,
  sha224sum,
  sha256sum,
  sha384sum,
  sha512sum,
  sleep,
  sort,
  stat,
  tail,
  tar,
  tee,
  test,
  touch,
  tr,
  true: () => 0,
  uname,
  uniq,
  wc,
  which,
  whoami,
  xargs,
  yes,
  zcat: gzip,
};
