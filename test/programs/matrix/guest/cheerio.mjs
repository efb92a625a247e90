// needs: cheerio
import * as cheerio from "cheerio";

const $ = cheerio.load("<ul id=a><li class=x>1</li><li>2<b>3</b></li></ul><p>&amp;&eacute;</p>");
$("li.x").after("<li>new</li>").attr("data-y", "z").addClass("w");
console.log(
  $.html(),
  $("li:contains(2) > b").text(),
  $("li")
    .map((_i, e) => $(e).text())
    .get(),
  $("p").text(),
);
console.log(
  $.extract({ items: ["li"], first: { selector: "li", value: "data-y" } }),
  cheerio.load("<a><B c='1'/></a>", { xml: true }).xml(),
);
const chunks = await new Promise((resolve) => {
  const s = cheerio.stringStream({}, (_error, doc) => resolve(doc("title").text()));
  s.write("<tit");
  s.end("le>streamed</title>");
});
console.log(chunks);
