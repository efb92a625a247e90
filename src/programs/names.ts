/** The names in /bin: of the shell, and of the commands. A test compares them with what there is. */
export const shellNames: readonly string[] = ["sh", "bash"];
export const commandNames: readonly string[] =
  "[ awk base64 basename cat chmod cp curl cut date df diff dirname du echo egrep env false fgrep find grep gunzip gzip head hostname id jq kill ln ls md5sum mkdir mv printenv printf ps pwd readlink realpath rm rmdir sed seq sha1sum sha224sum sha256sum sha384sum sha512sum sleep sort stat tail tar tee test touch tr true uname uniq wc which whoami xargs yes zcat".split(
    " ",
  );
