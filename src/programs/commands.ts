import type { Command } from "./command.js";
import { bracket, test } from "./test/test.js";
import { echo } from "./text/echo.js";
import { printf } from "./text/printf.js";

/** The commands of /bin, by their names. */
export const commands: Readonly<Record<string, Command>> = {
  "[": bracket,
  echo,
  false: () => 1,
  printf,
  test,
  true: () => 0,
};
