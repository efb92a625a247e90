// needs: mathjs
import {
  all,
  bignumber,
  chain,
  complex,
  create,
  derivative,
  evaluate,
  format,
  inv,
  matrix,
  parser,
  simplify,
  unit,
} from "mathjs";

console.log(
  evaluate("sqrt(-4) + 2^10 / 3"),
  String(derivative("x^2 * sin(x)", "x")),
  String(simplify("2x + 3x - x")),
  inv([
    [1, 2],
    [3, 4],
  ]),
  String(unit("5 inch").to("cm")),
);
const p = parser();
p.evaluate("f(x, y) = x^y");
console.log(
  p.evaluate("f(2, 10)"),
  chain(3).add(4).multiply(2).done(),
  String(complex(1, 2)),
  format(1 / 3, { precision: 5 }),
);
const big = create(all, { number: "BigNumber", precision: 64 });
console.log(String(big.evaluate("1/3 + pi")), String(bignumber("0.1").plus("0.2")), String(matrix([[1, 2]])));
try {
  evaluate("2 +* 3");
} catch (error) {
  console.log(error.message);
}
