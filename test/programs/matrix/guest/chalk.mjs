// needs: chalk
import chalk, { Chalk, supportsColor } from "chalk";

const forced = new Chalk({ level: 3 });
console.log(
  supportsColor,
  chalk.level,
  chalk.red("plain"),
  forced.red.bold("x", forced.hex("#abc").underline("y")),
  forced.bgRgb(1, 2, 3)`z`,
);
