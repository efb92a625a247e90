/** What can be assigned to. */
export type Target =
  | { kind: "variable"; name: string }
  | { kind: "element"; name: string; index: Expression[] }
  | { kind: "field"; index: Expression };

export type Expression =
  | Target
  | { kind: "number"; value: number }
  | { kind: "string"; value: string }
  | { kind: "regex"; source: string }
  /** Several in parentheses: arguments of `print`, or an index before `in`. */
  | { kind: "list"; items: Expression[] }
  | { kind: "assign"; operator: string; target: Target; value: Expression }
  | { kind: "step"; by: 1 | -1; before: boolean; target: Target }
  | { kind: "condition"; test: Expression; yes: Expression; no: Expression }
  | { kind: "binary"; operator: string; left: Expression; right: Expression }
  | { kind: "unary"; operator: "!" | "-" | "+"; operand: Expression }
  | { kind: "match"; negated: boolean; text: Expression; pattern: Expression }
  | { kind: "in"; index: Expression[]; name: string }
  | { kind: "call"; name: string; args: Expression[] }
  | { kind: "builtin"; name: string; args: Expression[] }
  | { kind: "getline"; from: "input" | "file" | "command"; source: Expression | null; target: Target | null };

export interface Redirect {
  operator: ">" | ">>" | "|";
  to: Expression;
}

export type Statement =
  | { kind: "block"; body: Statement[] }
  | { kind: "expression"; value: Expression }
  | { kind: "print"; formatted: boolean; args: Expression[]; redirect: Redirect | null }
  | { kind: "if"; test: Expression; yes: Statement; no: Statement | null }
  | { kind: "while"; test: Expression; body: Statement }
  | { kind: "do"; test: Expression; body: Statement }
  | { kind: "for"; first: Statement | null; test: Expression | null; next: Statement | null; body: Statement }
  | { kind: "each"; variable: string; name: string; body: Statement }
  | { kind: "delete"; name: string; index: Expression[] | null }
  | { kind: "exit" | "return"; value: Expression | null }
  | { kind: "next" | "nextfile" | "break" | "continue" };

export type Pattern =
  | { kind: "begin" | "end" | "always" }
  | { kind: "when"; test: Expression }
  | { kind: "range"; from: Expression; to: Expression };

export interface Rule {
  pattern: Pattern;
  body: Statement;
}

export interface FunctionTree {
  name: string;
  parameters: string[];
  body: Statement;
}

export interface Program {
  rules: Rule[];
  functions: Map<string, FunctionTree>;
}
