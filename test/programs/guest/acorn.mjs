// needs: acorn
import * as acorn from "acorn";

console.log(
  JSON.stringify(
    acorn.parse("export default async (x) => (await x) ** 2", { ecmaVersion: 2023, sourceType: "module" }),
  ),
);
try {
  acorn.parse("let let", { ecmaVersion: 2023 });
} catch (error) {
  console.log(error.message);
}
