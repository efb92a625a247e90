// Puts a shell on a terminal, types into it and reads its screen: what a web terminal does with xterm.js.
import { NodeRuntime } from "secure-exec";

await using rt = await NodeRuntime.create();
await using terminal = await rt.openTerminal({
  command: "sh",
  cols: 60,
  rows: 20,
  env: { PS1: "" },
});

/** Reads until a text has come, and answers the line that it is in. */
async function lineWith(wanted: string): Promise<string> {
  let all = "";
  for await (const text of terminal) {
    all += text;
    const line = all
      .split("\r\n")
      .find(
        (each, index, lines) =>
          index < lines.length - 1 && each.startsWith(wanted),
      );
    if (line !== undefined) return line;
  }
  return "(nothing)";
}

const askSize = `node -p '["size", process.stdout.columns, process.stdout.rows].join(" ")'\r`;

// The screen shows what is typed too: what is looked for begins a line.
await terminal.write(askSize);
console.log(await lineWith("size"));

terminal.resize(100, 30);
await terminal.write(askSize);
console.log(await lineWith("size"));

// ^C ends the program, not the shell.
await terminal.write("echo waiting; sleep 1000\r");
console.log(await lineWith("waiting"));
await terminal.write("\x03");
await terminal.write("echo status $?; exit 5\r");
console.log(await lineWith("status"));
console.log("exit code:", (await terminal.wait()).exitCode);
