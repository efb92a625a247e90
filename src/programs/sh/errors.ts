/** Ends the command under way with a message and a status; in a script it may end the shell. */
export class ShellError extends Error {
  readonly status: number;
  /** Whether it ends a shell that is not interactive. */
  readonly fatal: boolean = false;

  constructor(message: string, status = 1) {
    super(message);
    this.status = status;
  }
}

/** An expansion went wrong in a way that ends a shell that is not interactive: `${x:?}`, `set -u`. */
export class FatalExpansion extends ShellError {
  override readonly fatal = true;

  constructor(message: string) {
    super(message, 127);
  }
}

/** What leaves the flow of a script: not an error, but it travels as one. */
export class Break extends Error {
  readonly kind: "break" | "continue";
  levels: number;

  constructor(kind: "break" | "continue", levels: number) {
    super(kind);
    this.kind = kind;
    this.levels = levels;
  }
}

/** `return`, from a function or a sourced script. */
export class Return extends Error {
  readonly status: number;

  constructor(status: number) {
    super("return");
    this.status = status;
  }
}

/** `exit`, of the shell or a subshell. */
export class Exit extends Error {
  readonly status: number;

  constructor(status: number) {
    super("exit");
    this.status = status;
  }
}

/** A task of this shell was killed by a signal. */
export class Killed extends Error {
  readonly signal: number;
  /** It came from the keyboard, and to all processes of the shell as well. */
  readonly typed: boolean;

  constructor(signal: number, typed = false) {
    super("killed");
    this.signal = signal;
    this.typed = typed;
  }
}
