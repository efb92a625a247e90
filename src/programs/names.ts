/** The names in /bin: of the shell, and of the commands. A test compares them with what there is. */
export const shellNames: readonly string[] = ["sh", "bash"];
export const commandNames: readonly string[] =
  "[ basename cat chmod cp date dirname echo egrep env false fgrep find grep head hostname id kill ln ls mkdir mv printenv printf pwd readlink realpath rm rmdir seq sleep sort tail tee test touch true uname wc which whoami xargs yes".split(
    " ",
  );
