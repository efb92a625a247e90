// needs: pdf-lib
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { degrees, PDFDocument, rgb, StandardFonts } from "pdf-lib";

const when = new Date(Date.UTC(2020, 1, 2));
const document = await PDFDocument.create();
document.setTitle("Figures");
document.setCreationDate(when);
document.setModificationDate(when);
const font = await document.embedFont(StandardFonts.TimesRoman);
const page = document.addPage([300, 200]);
page.drawText("Hello, world: äöü", {
  x: 20,
  y: 150,
  size: 24,
  font,
  color: rgb(0.2, 0.4, 0.6),
  rotate: degrees(5),
});
page.drawSvgPath("M 0,20 L 100,160 Q 130,200 150,120 z", { x: 20, y: 100, borderColor: rgb(1, 0, 0) });
const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
page.drawImage(await document.embedPng(png), { x: 200, y: 20, width: 50, height: 50 });
const field = document.getForm().createTextField("name");
field.setText("Ada");
field.addToPage(page, { x: 20, y: 20, width: 100, height: 20 });
console.log(font.widthOfTextAtSize("Hello", 24), font.heightAtSize(12));
const bytes = await document.save();
writeFileSync("figures.pdf", bytes);
console.log(bytes.length, createHash("sha256").update(bytes).digest("hex"));

const again = await PDFDocument.load(readFileSync("figures.pdf"), { updateMetadata: false });
console.log(
  again.getTitle(),
  again.getPageCount(),
  again.getPage(0).getSize(),
  again.getForm().getTextField("name").getText(),
  again.getCreationDate(),
);
const copy = await PDFDocument.create({ updateMetadata: false });
for (const copied of await copy.copyPages(again, [0])) copy.addPage(copied);
console.log((await copy.saveAsBase64({ useObjectStreams: false })).slice(0, 200));
try {
  await PDFDocument.load(Buffer.from("no pdf"));
} catch (error) {
  console.log(error.message);
}
