// needs: terser, postcss, sass, magic-string, recast
import { mkdirSync, writeFileSync } from "node:fs";
import MagicString from "magic-string";
import postcss from "postcss";
import * as recast from "recast";
import * as sass from "sass";
import { minify } from "terser";

console.log(
  await minify(
    "function add(first, second) { if (false) { dead() } return first + second } console.log(add(1, 2)); class A { #p = 1; get p() { return this.#p } }",
    { toplevel: true, sourceMap: true, mangle: { properties: false } },
  ),
);
console.log(
  postcss([
    {
      postcssPlugin: "p",
      Declaration: (d) => {
        d.value = d.value.replace("red", "blue");
      },
    },
  ]).process("a { color: red; & b { c: d } }", { from: undefined }).css,
);
try {
  postcss.parse("a { b");
} catch (error) {
  console.log(error.reason, error.line);
}
mkdirSync("styles");
writeFileSync("styles/_vars.scss", "$c: #336699; @mixin big($n: 2) { font-size: $n * 1em; }");
writeFileSync(
  "styles/main.scss",
  "@use 'vars'; @use 'sass:color'; .a { @include vars.big(3); color: color.adjust(vars.$c, $lightness: 10%); &:hover > b { x: y } @each $i in 1, 2 { .w-#{$i} { width: calc(100% / #{$i}); } } }",
);
console.log(
  sass.compile("styles/main.scss", { style: "expanded", sourceMap: true }).css,
  (await sass.compileAsync("styles/main.scss", { style: "compressed" })).css,
  sass.compileString("a\n  b: c", { syntax: "indented" }).css,
);
try {
  sass.compile("styles/none.scss");
} catch (error) {
  console.log(error.message.replaceAll(process.cwd(), ""));
}
try {
  sass.compileString("a { b: $none }");
} catch (error) {
  console.log(error.message);
}
const magic = new MagicString("let a = 1; let b = 2;");
magic.overwrite(4, 5, "answer").prepend("// x\n").remove(11, 21);
console.log(magic.toString(), magic.generateMap({ hires: true }).toString());
const ast = recast.parse("let a   =  1; // keep\nfoo( a )");
ast.program.body[0].kind = "const";
console.log(recast.print(ast).code);
