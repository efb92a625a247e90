// needs: uuid
import { NIL, parse, stringify, v1, v3, v4, v5, v6, v7, validate, version } from "uuid";

console.log(
  v5("hello.example.com", v5.DNS),
  v3("hello", v3.URL ?? "6ba7b811-9dad-11d1-80b4-00c04fd430c8"),
  validate(v4()),
  version(v7()),
  version(v1()),
  version(v6()),
  NIL,
  stringify(parse(v5("a", v5.URL))),
);
console.log(
  v4({ random: new Uint8Array(16).fill(7) }),
  v7({ msecs: 1e12, random: new Uint8Array(16).fill(9), seq: 5 }),
);
