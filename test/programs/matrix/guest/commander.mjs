// needs: commander
import { Command, Option } from "commander";

for (const args of [
  ["serve", "--port", "80", "a", "b"],
  ["--help"],
  ["serve", "--help"],
  ["serv"],
  ["serve", "--port", "x", "a"],
  ["-V"],
]) {
  const program = new Command("tool").version("1.2.3").description("a tool").exitOverride();
  program.configureOutput({
    writeOut: (text) => console.log(`out: ${text}`),
    writeErr: (text) => console.log(`err: ${text}`),
  });
  program
    .command("serve")
    .argument("<files...>", "what")
    .addOption(
      new Option("-p, --port <number>", "where").env("PORT").argParser((text) => {
        if (Number.isNaN(+text)) throw new Error("no number");
        return +text;
      }),
    )
    .option("--no-color")
    .exitOverride()
    .configureOutput(program.configureOutput())
    .action((files, options) => console.log(files, options));
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    console.log(error.code, error.exitCode, error.message);
  }
}
new Command().requiredOption("--must <x>").parse();
