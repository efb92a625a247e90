import { parseFilter } from "./parser.js";
import type { Filter } from "./tree.js";

/** The functions that are written in the language itself. */
const source = `
def map(f): [.[] | f];
def select(f): if f then . else empty end;
def recurse(f): def r: ., (f | r); r;
def recurse(f; cond): def r: ., (f | select(cond) | r); r;
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type == "array" or type == "object");
def scalars: select(type != "array" and type != "object");
def paths(node_filter): . as $dot | paths | select(. as $p | $dot | getpath($p) | node_filter);
def leaf_paths: paths(scalars);
def map_values(f): .[] |= f;
def with_entries(f): to_entries | map(f) | from_entries;
def last(f): reduce f as $x (null; $x);
def isempty(g): label $go | (g | false, break $go), true;
def any(f): reduce (.[] | f) as $x (false; . or $x);
def all(f): reduce (.[] | f) as $x (true; . and $x);
def any(g; f): isempty(first(g | f | select(.))) | not;
def all(g; f): isempty(first(g | f | select(. | not)));
def IN(s): any(s == .; .);
def IN(src; s): any(src == s; .);
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] |= $row);
def INDEX(f): INDEX(.[]; f);
def tostream: path(def r: (.[]? | r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def fromstream(f): {x: null, e: false} as $init | foreach f as $i ($init;
  if .e then $init else . end | if $i | length == 2
  then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1])
  else setpath(["e"]; $i[0] | length == 1) end; if .e then .x else empty end);
def in(xs): . as $x | xs | has($x);
def inside(xs): . as $x | xs | contains($x);
def until(cond; update): def u: if cond then . else (update | u) end; u;
def while(cond; update): def w: if cond then ., (update | w) else empty end; w;
def repeat(f): def r: ., (f | r); r;
def range($n): range(0; $n);
def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def nth($n; f): last(limit($n + 1; f));
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdate: fromdateiso8601;
def add(f): reduce f as $x (null; . + $x);
def walk(f): def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f; w;
def test(re; flags): _match(re; flags; true) | length > 0;
def test(re): _match(re; null; true) | length > 0;
def match(re; flags): _match(re; flags; false) | .[];
def match(re): match(re; null);
def capture(re; flags): match(re; flags) | [.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def capture(re): capture(re; null);
def scan(re; flags): match(re; "g" + flags) | if (.captures | length) > 0 then [.captures[].string] else .string end;
def scan(re): scan(re; null);
def splits(re; flags): split(re; flags) | .[];
def splits(re): splits(re; null);
def sub(re; str; flags): . as $in | (reduce _match(re; flags; false)[] as $m
  ({at: 0, text: ""}; .text += $in[.at:$m.offset] + ([$m.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries | str)
    | .at = $m.offset + $m.length)) | .text + $in[.at:];
def sub(re; str): sub(re; str; "");
def gsub(re; str; flags): sub(re; str; flags + "g");
def gsub(re; str): sub(re; str; "g");
def ascii: [.] | implode;
def finites: select(isinfinite or isnan | not);
def normals: select(isnormal);
def combinations: if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end;
def combinations(n): . as $dot | [range(n)] | map($dot) | combinations;
def pick(f): . as $v | reduce path(f) as $p (null; setpath($p; $v | getpath($p)));
def debug(msg): (msg | debug | empty), .;
def halt_error: halt_error(5);
def index($i): indices($i) | .[0];
def rindex($i): indices($i) | .[-1:][0];
def input_line_number: 0;
def have_literal_numbers: true;
def have_decnum: false;
def skip($n; f): foreach f as $x ($n + 1; . - 1; if . <= 0 then $x else empty end);
def error(msg): msg | error;
.`;

let functions: Map<string, { parameters: string[]; body: Filter; scope: null }> | null = null;

/** A function of those by its name and its number of parameters. They are read when the first one is asked for. */
export function preludeOf(key: string): { parameters: string[]; body: Filter; scope: null } | undefined {
  if (functions === null) {
    functions = new Map();
    for (let filter = parseFilter(source); filter.kind === "define"; filter = filter.rest)
      functions.set(`${filter.name}/${filter.parameters.length}`, {
        parameters: filter.parameters,
        body: filter.body,
        scope: null,
      });
  }
  return functions.get(key);
}
