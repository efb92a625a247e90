// needs: yargs
import yargs from "yargs";
import { hideBin, Parser } from "yargs/helpers";

console.log(hideBin(["node", "x", "y"]), Parser("-abc 3 --no-d --e.f=1 --g 1 --g 2 -- rest"));
const cli = () =>
  yargs([])
    .scriptName("tool")
    .command(
      ["add <numbers..>", "plus"],
      "adds numbers",
      (y) => y.positional("numbers", { type: "number" }),
      ({ numbers }) =>
        console.log(
          "sum",
          numbers.reduce((a, b) => a + b),
        ),
    )
    .command("fails", "throws", {}, async () => {
      throw new Error("deliberately");
    })
    .option("level", { alias: "l", choices: ["low", "high"], default: "low", describe: "how much" })
    .option("count", { type: "count", alias: "v" })
    .coerce("when", (text) => new Date(text).toISOString())
    .conflicts("a", "b")
    .implies("c", "level")
    .env("TOOL")
    .config({ fromConfig: true })
    .demandCommand(1, "say what to do")
    .recommendCommands()
    .strictCommands()
    .epilogue("that is all")
    .wrap(80)
    .exitProcess(false);
for (const args of [
  ["add", "1", "2", "3", "-vv"],
  ["--help"],
  ["add", "--help"],
  ["ad"],
  [],
  ["fails"],
  ["add", "1", "-l", "middle"],
  ["add", "1", "--a", "--b"],
  ["plus", "4", "--when", "2020-01-02"],
  ["--version"],
]) {
  console.log("$", ...args);
  try {
    console.log(
      await cli().parse(args, (error, argv, output) => console.log("parsed", error?.message, argv, output)),
    );
  } catch (error) {
    console.log("error", error.message);
  }
}
cli().showHelp("log");
await yargs(["--get-yargs-completions", "tool", "a"])
  .scriptName("tool")
  .command("add", "adds")
  .command("all", "all")
  .completion()
  .exitProcess(false)
  .parse();
yargs(process.argv.slice(2)).scriptName("tool").option("must", { demandOption: true }).parse();
