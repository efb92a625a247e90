// needs: lodash-es
import { chunk, groupBy, merge, template } from "lodash-es";

console.log(chunk([1, 2, 3, 4, 5], 2), groupBy([1.2, 1.8, 2.1], Math.floor));
console.log(merge({ a: { b: 1 } }, { a: { c: 2 } }), template("hi <%= name %>")({ name: "you" }));
