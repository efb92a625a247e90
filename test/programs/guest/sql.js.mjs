// needs: sql.js
import { readFileSync, writeFileSync } from "node:fs";
import initSqlJs from "sql.js";

const SQL = await initSqlJs();
const database = new SQL.Database();
database.run(
  "create table planet (name text primary key, moons integer, data blob); create index by_moons on planet (moons);",
);
const insert = database.prepare("insert into planet values (?, ?, ?)");
for (const [name, moons] of [
  ["Earth", 1],
  ["Mars", 2],
  ["Jupiter", 95],
  ["Saturn", 274],
])
  insert.run([name, moons, new Uint8Array([moons % 256, 0, 255])]);
insert.free();
database.create_function("shout", (text) => `${text.toUpperCase()}!`);
console.log(
  database.exec(
    "select shout(name), moons, data, sum(moons) over (order by moons) from planet order by moons desc",
  )[0],
);
writeFileSync("planets.db", database.export());
database.close();

const again = new SQL.Database(readFileSync("planets.db"));
console.log(
  again.exec(
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20) select group_concat(i), (select count(*) from planet) from n",
  ),
);
console.log(
  again.exec(
    "pragma integrity_check; select sqlite_version(); explain query plan select * from planet where moons > 3",
  ),
);
const each = [];
again.each(
  "select name from planet where moons < $most",
  { $most: 100 },
  (row) => each.push(row.name),
  () => console.log(each),
);
try {
  again.run("insert into planet values ('Earth', 2, null)");
} catch (error) {
  console.log(error.message);
}
again.run("begin");
for (let i = 0; i < 20_000; i++) again.run("insert into planet values (?, ?, null)", [`p${i}`, i]);
again.run("commit");
console.log(again.exec("select count(*), sum(moons) from planet")[0].values, again.export().length);
