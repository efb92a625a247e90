import type { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NodeRuntime } from "../../src/index.js";

/* No computer has jq for certain: what it says is written here. */

let rt: NodeRuntime;
beforeAll(async () => {
  rt = await NodeRuntime.create();
});
afterAll(() => rt.dispose());

async function jq(
  args: string[],
  input: string,
): Promise<{ stdout: string; stderr: string; status: number }> {
  const { value, stderr } = await rt.run<ReturnType<typeof spawnSync>>(
    `import { spawnSync } from "node:child_process";
     const { stdout, stderr, status } = spawnSync("jq", ${JSON.stringify(args)}, { input: ${JSON.stringify(input)}, encoding: "utf8" });
     __return({ stdout, stderr, status });`,
  );
  if (value === undefined) throw new Error(stderr);
  return value as unknown as { stdout: string; stderr: string; status: number };
}

/** A filter, an input and the outputs, each on a line. */
const filters: [filter: string, input: string, outputs: string][] = [
  [".", '{"b":[1,{"c":null}],"1":"x"}', '{"b":[1,{"c":null}],"1":"x"}'],
  ['.b[-1].c, .b[0], .nope.deep, .["1"]', '{"b":[1,{"c":2}],"1":"x"}', '2\n1\nnull\n"x"'],
  [".[2:], .[:-1], .[1:2]", "[1,2,3]", "[3]\n[1,2]\n[2]"],
  ["keys, length, (to_entries|map(.key))", '{"b":1,"a":2}', '["a","b"]\n2\n["b","a"]'],
  [
    "map(select(.%2==0)|.*10), add, (sort_by(-.)), max, min, any(.>3), all(.>0)",
    "[3,4,1,2]",
    "[40,20]\n10\n[4,3,2,1]\n4\n1\ntrue\ntrue",
  ],
  ["[paths], [..|numbers], [leaf_paths]", '{"a":[1]}', '[["a"],["a",0]]\n[1]\n[["a",0]]'],
  [
    "(group_by(.k)|map(length)), (.[0]|with_entries(.value|=tostring))",
    '[{"k":1},{"k":2},{"k":1}]',
    '[2,1]\n{"k":"1"}',
  ],
  [".a+=1 | .c.d=5 | del(.b) | .l[2]=1", '{"a":1,"b":2}', '{"a":2,"c":{"d":5},"l":[null,null,1]}'],
  [".a |= map(.+1) | .b //= 7", '{"a":[1,2]}', '{"a":[2,3],"b":7}'],
  [".[] as [$a,{b:$c}] | $a+$c", '[[1,{"b":2}],[3,{"b":4}]]', "3\n7"],
  ["reduce .[] as $x (0;.+$x), [foreach .[] as $x (0;.+$x;[$x,.])]", "[1,2]", "3\n[[1,1],[2,3]]"],
  [
    "def f(g;$n): [g,$n]; f(.[];2), (def fac: if .<2 then 1 else .*(.-1|fac) end; .[0]|fac)",
    "[5]",
    "[5,2]\n120",
  ],
  ['try error("x") catch ("got "+.), (.a? // "none"), (label $l|1,break $l,2)', "[]", '"got x"\n"none"\n1'],
  [
    'test("B";"i"), [match("[bc]";"g").offset], sub("(?<l>b)";"<\\(.l)>"), gsub("[ac]";"-"), [scan(".")]',
    '"abc"',
    'true\n[1,2]\n"a<b>c"\n"-b-"\n["a","b","c"]',
  ],
  [
    'capture("(?<k>\\\\w+)=(?<v>\\\\w+)"), split("="), ascii_upcase, ltrimstr("k"), explode[0]',
    '"k1=v"',
    '{"k":"k1","v":"v"}\n["k1","v"]\n"K1=V"\n"1=v"\n107',
  ],
  [
    "@csv, @tsv, @sh, @json",
    '[1,"a\\"b",null]',
    '"1,\\"a\\"\\"b\\","\n"1\\ta\\"b\\t"\n"1 \'a\\"b\' null"\n"[1,\\"a\\\\\\"b\\",null]"',
  ],
  [
    "@base64, @uri, @html, (@base64|@base64d)",
    '"<é&>"',
    '"PMOpJj4="\n"%3C%C3%A9%26%3E"\n"&lt;é&amp;&gt;"\n"<é&>"',
  ],
  ['"v=\\(.a) \\(1+2)", @base64 "x\\(.a)"', '{"a":"y"}', '"v=y 3"\n"xeQ=="'],
  [
    '. * {"a":{"c":2}}, [1,2]-[2], "a,b"/",", "ab"*2, 7%3, 1/4',
    '{"a":{"b":1}}',
    '{"a":{"b":1,"c":2}}\n[1]\n["a","b"]\n"abab"\n1\n0.25',
  ],
  ["sort, unique, flatten, transpose?", "[[2],[1],[1]]", "[[1],[1],[2]]\n[[1],[2]]\n[2,1,1]\n[[2,1,1]]"],
  [
    "[.[]|type], map(tojson), (.[3]|fromjson)",
    '[null,1,[],"{\\"a\\":1}"]',
    '["null","number","array","string"]\n["null","1","[]","\\"{\\\\\\"a\\\\\\":1}\\""]\n{"a":1}',
  ],
  [
    'todate, (todate|fromdate), strftime("%Y %j")',
    "1425599621",
    '"2015-03-05T23:53:41Z"\n1425599621\n"2015 064"',
  ],
  [
    "[limit(3;range(10))], first(range(5;10)), [range(0;10;4)], isempty(empty), IN(1,2), [.[]?]",
    "2",
    "[0,1,2]\n5\n[0,4,8]\ntrue\ntrue\n[]",
  ],
  [
    'walk(if type=="number" then .+1 else . end), (tostream|tojson)',
    '{"a":[1]}',
    '{"a":[2]}\n"[[\\"a\\",0],1]"\n"[[\\"a\\",0]]"\n"[[\\"a\\"]]"',
  ],
  [
    "1e1000, 1.10, 100000000000000000000, 0.00001, -0, 3.0",
    "null",
    "1.7976931348623157e+308\n1.1\n1e+20\n1e-05\n-0\n3",
  ],
];

test.each(filters)("%s", async (filter, input, outputs) => {
  expect(await jq(["-c", filter], input)).toEqual({ stdout: `${outputs}\n`, stderr: "", status: 0 });
});

/** Arguments, an input, the output and the status. */
const calls: [args: string[], input: string, stdout: string, status: number][] = [
  [["."], '{"a":[1,{}],"b":[]}', '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}\n', 0],
  [["--tab", "."], "[1]", "[\n\t1\n]\n", 0],
  [["--indent", "1", "."], "[1]", "[\n 1\n]\n", 0],
  [["-r", ".[]"], '["a",1]', "a\n1\n", 0],
  [["-j", ".[]"], '["a",1]', "a1", 0],
  [["-S", "-c", "."], '{"b":1,"a":{"d":1,"c":2}}', '{"a":{"c":2,"d":1},"b":1}\n', 0],
  [["-a", "."], '"é"', '"\\u00e9"\n', 0],
  [["-s", "-c", "."], "1 2\n[3]", "[1,2,[3]]\n", 0],
  [["-n", "-c", "[inputs]"], "1 2", "[1,2]\n", 0],
  [["-c", "[., input]"], "1 2 3 4", "[1,2]\n[3,4]\n", 0],
  [["-R", "."], "a b\nc", '"a b"\n"c"\n', 0],
  [["-R", "-s", "."], "a\nb\n", '"a\\nb\\n"\n', 0],
  [
    ["-c", "--arg", "x", "1", "--argjson", "y", "[2]", "[$x,$y,$ARGS.named]"],
    "0",
    '["1",[2],{"x":"1","y":[2]}]\n',
    0,
  ],
  [["-n", "-c", "$ARGS.positional", "--args", "a", "b"], "", '["a","b"]\n', 0],
  [["-e", ".a"], '{"a":false}', "false\n", 1],
  [["-e", "empty"], "1", "", 4],
  [["-n", '"bye\\n"|halt_error(3)'], "", "", 3],
  [["-n", '1, error("x"), 2'], "", "1\n", 5],
  [[".a.b"], '{"a":5}', "", 5],
  [[".a b"], "1", "", 3],
  [["nosuch"], "1", "", 3],
  [["."], "{", "", 2],
  [["."], "[1 2]", "", 2],
  [[".", "/none"], "", "", 2],
  [["--arg", "x"], "", "", 2],
];

test.each(calls)("jq %j of %j", async (args, input, stdout, status) => {
  expect(await jq(args, input)).toMatchObject({ stdout, status });
});

test("errors are said with what they are about", async () => {
  const said = async (filter: string, input: string) => (await jq([filter], input)).stderr;
  expect(await said(".a", "[1]")).toBe('jq: error (at <unknown>): Cannot index array with "a"\n');
  expect(await said(".[]", "5")).toBe("jq: error (at <unknown>): Cannot iterate over number (5)\n");
  expect(await said(".+1", '"a"')).toBe(
    'jq: error (at <unknown>): string ("a") and number (1) cannot be added\n',
  );
  expect(await said("error({a:1})", "1")).toBe('jq: error (at <unknown>) (not a string): {"a":1}\n');
  expect(await said("def f: f; [f]", "1")).toBe("jq: error: recursion is too deep\n");
});

test("values go out as they come in, and none is kept", async () => {
  const { stdout } = await rt.run(
    `import { execSync } from "node:child_process";
     console.log(execSync("yes '{\\"a\\": [1, 2]}' | jq -c '.a' | head -2; seq 100000 | jq '.+1' | tail -1").toString());`,
    { timeout: 20_000 },
  );
  expect(stdout).toBe("[1,2]\n[1,2]\n100001\n\n");
});
