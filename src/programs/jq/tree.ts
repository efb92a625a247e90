/** Where a part of a value is bound to names: a name, or those within arrays and objects. */
export type Pattern =
  | { kind: "name"; name: string }
  | { kind: "array"; items: Pattern[] }
  | { kind: "object"; entries: { key: Filter; name: string | null; value: Pattern | null }[] };

export type Filter =
  | { kind: "identity" | "recurse" }
  | { kind: "literal"; value: null | boolean | number | string }
  | { kind: "text"; format: string; parts: (string | Filter)[] }
  | { kind: "format"; name: string }
  | { kind: "index"; target: Filter; index: Filter }
  | { kind: "slice"; target: Filter; from: Filter | null; to: Filter | null }
  | { kind: "each"; target: Filter }
  | { kind: "try"; body: Filter; caught: Filter | null }
  | { kind: "array"; body: Filter | null }
  | { kind: "object"; entries: { key: Filter; value: Filter }[] }
  | { kind: "negate"; body: Filter }
  | { kind: "alternative"; left: Filter; right: Filter }
  | { kind: "pipe" | "comma" | "and" | "or"; left: Filter; right: Filter }
  | { kind: "binary"; operator: string; left: Filter; right: Filter }
  | { kind: "assign"; operator: string; target: Filter; value: Filter }
  | { kind: "if"; test: Filter; yes: Filter; no: Filter }
  | { kind: "reduce"; source: Filter; pattern: Pattern; first: Filter; update: Filter }
  | { kind: "foreach"; source: Filter; pattern: Pattern; first: Filter; update: Filter; shown: Filter | null }
  | { kind: "define"; name: string; parameters: string[]; body: Filter; rest: Filter }
  | { kind: "bind"; source: Filter; patterns: Pattern[]; body: Filter }
  | { kind: "label"; name: string; body: Filter }
  | { kind: "break"; name: string }
  | { kind: "variable"; name: string }
  | { kind: "call"; name: string; args: Filter[] };
