import { Terminal as Screen } from "@xterm/headless";
import { NodeRuntime, type Terminal, type TerminalOptions } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/* What a person sees: bytes of the machine's terminal on the screen of xterm.js. */

let rt: NodeRuntime;
beforeAll(async () => {
  rt = await NodeRuntime.create();
});
afterAll(() => rt.dispose());

/** A terminal with a screen and a keyboard. */
class Window implements AsyncDisposable {
  readonly terminal: Terminal;
  readonly #screen: Screen;

  static async open(options: TerminalOptions = {}, runtime = rt): Promise<Window> {
    const { cols = 80, rows = 24 } = options;
    const screen = new Screen({ cols, rows, allowProposedApi: true });
    const onData = (text: string) => new Promise<void>((shown) => screen.write(text, shown));
    const terminal = await runtime.openTerminal({ ...options, onData });
    // As a terminal answers when it is asked where the cursor is.
    screen.onData((text) => void terminal.write(text).catch(() => undefined));
    return new Window(terminal, screen);
  }

  constructor(terminal: Terminal, screen: Screen) {
    this.terminal = terminal;
    this.#screen = screen;
  }

  get lines(): string[] {
    const { active } = this.#screen.buffer;
    return Array.from(
      { length: active.length },
      (_, row) => active.getLine(row)?.translateToString(true) ?? "",
    );
  }

  get text(): string {
    return this.lines.join("\n").trimEnd();
  }

  /** The colour of a text on the screen, -1 for none. */
  colourOf(text: string): number | undefined {
    const { active } = this.#screen.buffer;
    for (const [row, line] of this.lines.entries()) {
      const column = line.indexOf(text);
      if (column < 0) continue;
      const cell = active.getLine(row)?.getCell(column);
      return cell?.isFgDefault() ? -1 : cell?.getFgColor();
    }
    return undefined;
  }

  type(text: string): Promise<void> {
    return this.terminal.write(text);
  }

  resize(cols: number, rows: number): void {
    this.#screen.resize(cols, rows);
    this.terminal.resize(cols, rows);
  }

  async shows(text: string | RegExp): Promise<void> {
    await expect.poll(() => this.text, { timeout: 20_000 }).toMatch(text);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.terminal[Symbol.asyncDispose]();
  }
}

const prompt = /user:~\$$/;

describe("a shell", () => {
  test("has a prompt, a line to edit, and an end", async () => {
    await using window = await Window.open();
    await window.shows(prompt);
    await window.type("echp hello");
    await window.shows("echp hello");
    // Back to the wrong letter, over it, and to the end.
    await window.type("\x1b[D".repeat(6));
    await window.type("\x7f");
    await window.shows("ech hello");
    await window.type("o");
    await window.shows("echo hello");
    await window.type("\x05 world\r");
    await window.shows(/^hello world$/m);
    expect(window.lines[0]).toBe("user:~$ echo hello world");
    await window.type("exit 3\r");
    expect(await window.terminal.wait()).toEqual({ exitCode: 3 });
    expect([window.terminal.exitCode, window.terminal.signalCode]).toEqual([3, null]);
    await expect(window.type("x")).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_STDIN_CLOSED" });
  });

  test("takes what was typed ahead", async () => {
    await using window = await Window.open();
    await window.type("echo one; sleep 0\recho two\rexit\r");
    expect(await window.terminal.wait()).toEqual({ exitCode: 0 });
    expect(window.text).toMatch(/^one$[\s\S]*^two$/m);
  });

  test("gives programs lines that can be edited, their end, and a terminal", async () => {
    await using window = await Window.open();
    await window.shows(prompt);
    await window.type("cat\r");
    await window.shows(/\$ cat$/m);
    await window.type("wrong\x15rihg\x7f\x7fght word\x17line\r");
    await window.shows(/^right line\nright line$/m);
    await window.type("\x04");
    await window.shows(prompt);
    await window.type(
      "test -t 0 -a -t 1 && node -p '[process.stdin.isTTY, process.stdout.columns].join()'\r",
    );
    await window.shows(/^true,80$/m);
    await window.type("echo there > /dev/tty; readlink /proc/self/fd/0\r");
    await window.shows(/^there\n\/dev\/pts\/0$/m);
  });

  test.each(["sleep 1000", "yes > /dev/null", "node -e 'for (;;);'", "sh -c 'sleep 1000 | cat'", "cat"])(
    "^C ends %s and not the shell",
    async (command) => {
      await using window = await Window.open();
      await window.shows(prompt);
      await window.type(`echo begun; ${command}\r`);
      await window.shows(/^begun$/m);
      await window.type("\x03");
      await window.shows(/\^C\nuser:~\$$/m);
      await window.type("echo status $?\r");
      await window.shows(/^status 130$/m);
    },
  );

  test("^C reaches what is just being started", async () => {
    await using window = await Window.open();
    await window.shows(prompt);
    for (let round = 1; round <= 5; round++) {
      await window.type(`while :; do sh -c :; printf r%s. ${round}; done\r`);
      await window.shows(`r${round}.`);
      await window.type("\x03");
      await window.type(`echo round ${round} $?\r`);
      await window.shows(new RegExp(`^round ${round} 130$`, "m"));
    }
  });

  test("^C goes to a program that listens to it, and not to the background", async () => {
    await using window = await Window.open();
    await window.shows(prompt);
    await window.type("node -e 'setInterval(() => {}, 1000)' &\r");
    await window.shows(/^\[1\] \d+$/m);
    await window.type(
      'node -e \'process.on("SIGINT", () => { console.log("heard"); process.exit(4) }); console.log("ready"); setInterval(() => {}, 1000)\'\r',
    );
    await window.shows(/^ready$/m);
    await window.type("\x03");
    await window.shows(/^\^Cheard$/m);
    await window.type("jobs; kill %1; exit\r");
    await window.shows(/Running/);
    await window.terminal.wait();
  });
});

describe("jobs", () => {
  // What is typed before a program has begun is the shell's.
  beforeAll(async () => {
    const code =
      "console.log('up'); process.on('SIGCONT', () => console.log('on')); setInterval(() => {}, 1000)";
    await rt.writeFile("/home/user/up.js", code);
  });

  test("^Z stops a program, fg has it go on, and ^C is then its own again", async () => {
    await using window = await Window.open();
    await window.shows(prompt);
    await window.type("node up.js\r");
    await window.shows(/^up$/m);
    await window.type("\x1a");
    await window.shows(/^up\n\^Z\n\[1\]\+ {2}Stopped +node up.js\nuser:~\$$/m);
    await window.type("echo status $?; jobs\r");
    await window.shows(/^status 148\n\[1\]\+ {2}Stopped +node up.js\nuser:~\$$/m);
    // Nothing that is typed now reaches it.
    await window.type("\x03");
    await window.shows(/\^C\nuser:~\$$/m);
    await window.type("fg\r");
    await window.shows(/fg\nnode up.js\non$/m);
    await window.type("\x1a");
    await window.shows(/^on\n\^Z\n\[1\]\+ {2}Stopped +node up.js\nuser:~\$$/m);
    await window.type("fg %1\r");
    await window.shows(/fg %1\nnode up.js\non$/m);
    await window.type("\x03");
    await window.shows(/^on\n\^C\nuser:~\$$/m);
    await window.type("echo then $?; jobs; echo none; fg\r");
    await window.shows(/^then 130\nnone\n.*fg: current: no such job$/m);
  });

  test("bg has it go on beside the shell", async () => {
    await using window = await Window.open();
    await window.shows(prompt);
    await window.type("node up.js\r");
    await window.shows(/^up$/m);
    await window.type("\x1a");
    await window.shows(/Stopped +node up.js\nuser:~\$$/m);
    await window.type("bg; jobs\r");
    await window.shows(/^\[1\]\+ node up.js &\n(on\n)?\[1\]\+ {2}Running +node up.js$/m);
    await window.type("bg\r");
    await window.shows(/bg: job 1 already in background$/m);
    await window.type("kill %1; wait %1; echo gone $?\r");
    await window.shows(/^gone 143$/m);
  });

  test("the background is stopped when it wants what is typed", async () => {
    await using window = await Window.open();
    await window.shows(prompt);
    await window.type("cat &\r");
    await window.shows(/^\[1\] \d+$/m);
    const stopped = /^\[1\]\+ {2}Stopped\(SIGTTIN\) +cat &?$/m;
    while (!stopped.test(window.text)) {
      await window.type("jobs\r");
      await window.shows(/jobs\n\[1\].*\nuser:~\$$/m);
    }
    await window.type("fg\r");
    await window.shows(/fg\ncat &?$/m);
    await window.type("typed\r");
    await window.shows(/^typed\ntyped$/m);
    await window.type("\x04");
    await window.shows(prompt);
  });

  test("^Z in the REPL leads back to the shell, and fg to the REPL", async () => {
    await using window = await Window.open();
    await window.shows(prompt);
    await window.type("node\r");
    await window.shows(/^>$/m);
    await window.type("const kept = 6 * 7\r");
    await window.shows(/^undefined$/m);
    await window.type("\x1a");
    await window.shows(/Stopped +node\nuser:~\$$/m);
    await window.type("fg\r");
    await window.shows(/fg\nnode\n>/m);
    await window.type("kept\r");
    await window.shows(/^42$/m);
  });

  test("^Z leaves a program alone that nobody could have go on", async () => {
    await using window = await Window.open({
      command: "node",
      args: ["-e", "process.stdin.on('data', (d) => console.log('got', String(d).trim()))"],
    });
    await window.type("\x1a");
    await window.type("x\r");
    await window.shows(/^got x$/m);
  });
});

describe("the REPL", () => {
  test("answers in colours, completes, and ends", async () => {
    await using window = await Window.open({ command: "node", cols: 100 });
    await window.shows(/^>$/m);
    await window.type("6 * 7\r");
    await window.shows(/^42$/m);
    expect(window.colourOf("42")).toBe(3);
    await window.type("const later = 'text'\r");
    await window.shows(/^undefined$/m);
    await window.type("late\t");
    await window.shows(/^> later/m);
    await window.type(".length\r");
    await window.shows(/^4$/m);
    await window.type("await new Promise((done) => setTimeout(done, 1, 'waited'))\r");
    await window.shows(/^'waited'$/m);
    expect(window.colourOf("'waited'")).toBe(2);
    await window.type("unfinished\x03");
    await window.shows(/^> unfinished\n>$/m);
    await window.type(".exit\r");
    expect(await window.terminal.wait()).toEqual({ exitCode: 0 });
  });
});

describe("any program", () => {
  const watch = `
    process.stdout.on("resize", () => console.log("now", ...process.stdout.getWindowSize()));
    process.stdin.setRawMode(true).on("data", (data) => { console.log(JSON.stringify(String(data)), process.stdin.isRaw); if (String(data) === "q") process.exit(); });
    console.log("is", ...process.stdout.getWindowSize(), process.stdout.getColorDepth(), process.stdout.hasColors());`;

  test("hears of keys as they are typed, and of another size", async () => {
    await using window = await Window.open({ command: "node", args: ["-e", watch], cols: 70, rows: 20 });
    await window.shows(/^is 70 20 8 true$/m);
    await window.type("\x03");
    await window.shows(/^"\\u0003" true$/m);
    await window.type("\x1b[A");
    await window.shows(/^"\\u001b\[A" true$/m);
    window.resize(90, 30);
    await window.shows(/^now 90 30$/m);
    await window.type("q");
    expect(await window.terminal.wait()).toEqual({ exitCode: 0 });
  });

  test("leaves the terminal as it was, whatever it did", async () => {
    await using window = await Window.open();
    await window.shows(prompt);
    await window.type("node -e 'process.stdin.setRawMode(true); process.exit()'; cat\r");
    await window.shows(/; cat$/m);
    await window.type("ab\x7fc\r");
    await window.shows(/^ac\nac$/m);
  });

  test("asks on the terminal though its streams lead elsewhere", async () => {
    await rt.writeFile(
      "/home/user/ask",
      "#!/bin/sh\nprintf 'name? ' > /dev/tty\nread name < /dev/tty\necho \"hello $name\"\n",
    );
    await rt.chmod("/home/user/ask", 0o755);
    await using window = await Window.open();
    await window.shows(prompt);
    await window.type("./ask < /dev/null | tr a-z A-Z\r");
    await window.shows(/name\?$/m);
    await window.type("ada\r");
    await window.shows(/^HELLO ADA$/m);
  });

  test("reads lines by readline, sync reads and async ones", async () => {
    const program = `
      import fs from "node:fs";
      import { createInterface } from "node:readline/promises";
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      console.log("got", await lines.question("first? "));
      lines.close();
      const bytes = Buffer.alloc(100);
      process.stdout.write("second? ");
      console.log("got", String(bytes.subarray(0, fs.readSync(0, bytes))).trim());
      process.stdout.write("third? ");
      fs.read(0, bytes, 0, 100, null, (error, count) => console.log("got", String(bytes.subarray(0, count)).trim()));`;
    await rt.writeFile("/home/user/ask.mjs", program);
    await using window = await Window.open({ command: "node", args: ["ask.mjs"] });
    for (const question of ["first", "second", "third"]) {
      await window.shows(new RegExp(`${question}\\?$`, "m"));
      await window.type(`the ${question}\r`);
      await window.shows(new RegExp(`^got the ${question}$`, "m"));
    }
    expect(await window.terminal.wait()).toEqual({ exitCode: 0 });
  });
});

describe("the handle", () => {
  test("is read by iterating", async () => {
    await using terminal = await rt.openTerminal({ command: "echo", args: ["a\nb"] });
    let text = "";
    for await (const piece of terminal) text += piece;
    expect(text).toBe("a\r\nb\r\n");
    expect(await terminal.wait()).toEqual({ exitCode: 0 });
  });

  test("hangs up, and can be timed and aborted", async () => {
    const terminal = await rt.openTerminal({ command: "sleep", args: ["1000"] });
    expect(terminal.kill()).toBe(true);
    expect(await terminal.wait()).toMatchObject({ exitCode: 129, signal: "SIGHUP" });
    expect(terminal.kill()).toBe(false);
    const timed = await rt.openTerminal({ timeout: 100 });
    expect(await timed.wait()).toMatchObject({ exitCode: 124 });
    const controller = new AbortController();
    const aborted = await rt.openTerminal({ signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(aborted.wait()).rejects.toThrow("enough");
  });

  test("tells what can't be run", async () => {
    const terminal = await rt.openTerminal({ command: "nowhere" });
    let text = "";
    for await (const piece of terminal) text += piece;
    expect([terminal.pid, text]).toEqual([undefined, "secure-exec: nowhere: command not found (ENOENT)\r\n"]);
    expect(await terminal.wait()).toEqual({ exitCode: 127 });
  });

  test("refuses what it can't use", async () => {
    const told = (options: unknown) =>
      rt.openTerminal(options as TerminalOptions).then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await told({ columns: 80 })).toContain('Did you mean "cols"?');
    expect(await told({ cols: 0 })).toContain('"cols" must be a whole number of columns from 1 to 1000');
    expect(await told({ rows: 1001 })).toContain("rows");
    expect(await told({ command: "" })).toContain("command");
    expect(await told({ onData: 5 })).toContain('"onData" must be a function');
    await using terminal = await rt.openTerminal({ command: "cat" });
    expect(() => terminal.resize(80, Number.NaN)).toThrow('"rows"');
    expect(() => terminal.kill("SIGNOPE" as NodeJS.Signals)).toThrow('"signal"');
  });

  test("is no terminal for what runs beside it", async () => {
    await using window = await Window.open();
    await window.shows(prompt);
    const { stdout, exitCode } = await rt.command("sh", ["-c", "test -t 0 || echo none; echo x > /dev/tty"]);
    expect([stdout, exitCode]).toEqual(["none\n", 1]);
    expect(window.text).toMatch(prompt);
  });
});
