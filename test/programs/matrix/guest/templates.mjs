// needs: handlebars, ejs, pug, nunjucks, marked, markdown-it
import { mkdirSync, writeFileSync } from "node:fs";
import ejs from "ejs";
import Handlebars from "handlebars";
import MarkdownIt from "markdown-it";
import { marked } from "marked";
import nunjucks from "nunjucks";
import pug from "pug";

Handlebars.registerHelper("loud", (text) => text.toUpperCase());
Handlebars.registerPartial("item", "<li>{{loud this}}</li>");
console.log(
  Handlebars.compile("{{#each items}}{{> item}}{{else}}none{{/each}} {{{raw}}} {{raw}}")({
    items: ["a", "b"],
    raw: "<b>",
  }),
);
mkdirSync("views");
writeFileSync("views/a.ejs", "<% for (const x of xs) { %><%= x %>,<% } %><%- include('b', { y: 1 }) %>");
writeFileSync("views/b.ejs", "b<%= y %>");
console.log(await ejs.renderFile("views/a.ejs", { xs: [1, "<"] }, { async: false }));
writeFileSync("views/layout.pug", "doctype html\nhtml\n  body\n    block content");
writeFileSync(
  "views/page.pug",
  "extends layout\nblock content\n  each x in xs\n    p.a(class=x) #{x}\n  :nothing",
);
writeFileSync("views/page.pug", "extends layout\nblock content\n  each x in xs\n    p.a(class=x)= x");
console.log(pug.renderFile("views/page.pug", { xs: ["one", "<two>"], pretty: true }));
writeFileSync("views/base.njk", "<{% block b %}base{% endblock %}>");
writeFileSync(
  "views/child.njk",
  "{% extends 'base.njk' %}{% block b %}{{ super() }} {{ x | upper | reverse }}{% for i in [1,2,3] %}{{ loop.index0 }}{% endfor %}{% endblock %}",
);
console.log(nunjucks.configure("views").render("child.njk", { x: "abc" }));
const text =
  '# Title\n\n* a\n* **b** `c`\n\n| x | y |\n|---|:-:|\n| 1 | 2 |\n\n```js\nlet a = 1 < 2;\n```\n[link](http://x.test "t") <b>html</b>';
console.log(
  await marked(text),
  new MarkdownIt({ html: false, linkify: true, typographer: true }).render(`${text} "quoted" (c) www.x.test`),
);
