// needs: unified, remark-parse, remark-html
import remarkHtml from "remark-html";
import remarkParse from "remark-parse";
import { unified } from "unified";

console.log(
  String(
    await unified()
      .use(remarkParse)
      .use(() => (tree) => {
        tree.children[0].depth = 2;
      })
      .use(remarkHtml)
      .process("# Hi\n\n*x* **y** <b>z</b>\n\n1. a\n2. b"),
  ),
);
