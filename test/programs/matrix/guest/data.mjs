// needs: csv-parse, fast-xml-parser, iconv-lite
import { createReadStream, writeFileSync } from "node:fs";
import { parse } from "csv-parse";
import { parse as parseSync } from "csv-parse/sync";
import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";
import iconv from "iconv-lite";

writeFileSync(
  "big.csv",
  `id,name,quoted\n${Array.from({ length: 5000 }, (_, i) => `${i},name ${i},"a ""b""\n${i}"`).join("\n")}`,
);
let rows = 0,
  last;
for await (const row of createReadStream("big.csv").pipe(parse({ columns: true, cast: true }))) {
  rows++;
  last = row;
}
console.log(rows, last, parseSync("a;b\n1;2", { delimiter: ";" }));
try {
  parseSync("a,b\n1,2,3");
} catch (error) {
  console.log(error.code, error.message);
}
const xml = '<?xml version="1.0"?><a b="1"><c>2</c><c><![CDATA[<x>]]></c><d/></a>';
const parser = new XMLParser({ ignoreAttributes: false });
console.log(
  JSON.stringify(parser.parse(xml)),
  new XMLBuilder({ ignoreAttributes: false, format: true }).build(parser.parse(xml)),
  XMLValidator.validate("<a><b></a>"),
);
for (const encoding of ["win1251", "shift_jis", "gb18030", "utf-16le", "macroman", "big5"])
  console.log(
    encoding,
    iconv.encode("äЖ日本", encoding).toString("hex"),
    iconv.decode(iconv.encode("日本 text", encoding), encoding),
  );
console.log(
  await new Promise((resolve) => {
    let text = "";
    const stream = iconv.decodeStream("euc-jp");
    stream
      .on("data", (d) => {
        text += d;
      })
      .on("end", () => resolve(text));
    stream.write(Buffer.from([0xc6]));
    stream.end(Buffer.from([0xfc]));
  }),
);
