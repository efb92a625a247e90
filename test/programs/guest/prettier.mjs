// needs: prettier
import { writeFileSync } from "node:fs";
import * as prettier from "prettier";

console.log(await prettier.format("const a={b:1,c:[1,2,3]};function f( x ){return x}", { parser: "babel" }));
console.log(await prettier.format("# a\n* b\n* c", { parser: "markdown" }));
console.log(await prettier.format("a{b:c;d:e}", { parser: "css" }));
writeFileSync(".prettierrc", "semi: false\n");
writeFileSync(".editorconfig", "root = true\n[*]\nindent_style = tab\n");
console.log(await prettier.resolveConfig("a.ts", { editorconfig: true }), await prettier.getFileInfo("a.ts"));
