// needs: exceljs
import { statSync } from "node:fs";
import ExcelJS from "exceljs";

const workbook = new ExcelJS.Workbook();
workbook.created = workbook.modified = new Date(0);
const sheet = workbook.addWorksheet("Planets", { views: [{ state: "frozen", ySplit: 1 }] });
sheet.columns = [
  { header: "Name", key: "name", width: 20 },
  { header: "Moons", key: "moons", style: { numFmt: "0.00" } },
  { header: "Seen", key: "seen" },
];
sheet.addRows([
  { name: "Earth", moons: 1, seen: new Date(Date.UTC(2020, 0, 1)) },
  { name: "Mars", moons: 2 },
]);
sheet.getCell("B4").value = { formula: "SUM(B2:B3)", result: 3 };
sheet.getRow(1).font = { bold: true };
sheet.mergeCells("A5:C5");
await workbook.xlsx.writeFile("planets.xlsx");
console.log(statSync("planets.xlsx").size > 5000);
const again = new ExcelJS.Workbook();
await again.xlsx.readFile("planets.xlsx");
again.worksheets[0].eachRow((row, number) => console.log(number, row.values));
await again.csv.writeFile("planets.csv");
const stream = new ExcelJS.stream.xlsx.WorkbookWriter({ filename: "big.xlsx" });
const big = stream.addWorksheet("big");
for (let i = 0; i < 2000; i++) big.addRow([i, `text ${i}`, i * 1.5]).commit();
await stream.commit();
let rows = 0;
for await (const worksheet of new ExcelJS.stream.xlsx.WorkbookReader("big.xlsx"))
  for await (const _ of worksheet) rows++;
console.log(rows);
