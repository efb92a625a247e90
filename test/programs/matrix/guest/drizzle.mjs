// needs: drizzle-orm, sql.js
import { count, eq, gt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/sql-js";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import initSqlJs from "sql.js";

const SQL = await initSqlJs();
const db = drizzle(new SQL.Database(), {
  logger: { logQuery: (query, values) => console.log(query, values) },
});
const planets = sqliteTable("planet", {
  id: integer().primaryKey(),
  name: text().notNull(),
  moons: integer(),
});
const missions = sqliteTable("mission", { to: integer().references(() => planets.id), year: integer() });

db.run(sql`create table planet (id integer primary key, name text not null, moons integer)`);
db.run(sql`create table mission ("to" integer references planet(id), year integer)`);
console.log(
  db
    .insert(planets)
    .values([
      { name: "Earth", moons: 1 },
      { name: "Mars", moons: 2 },
      { name: "Venus", moons: null },
    ])
    .returning()
    .all(),
);
db.insert(missions).values({ to: 2, year: 1976 }).run();
db.update(planets).set({ moons: 0 }).where(eq(planets.name, "Venus")).run();
console.log(db.select({ n: count() }).from(planets).where(gt(planets.moons, 0)).all());
console.log(
  db.select().from(planets).leftJoin(missions, eq(missions.to, planets.id)).orderBy(planets.name).all(),
);
try {
  db.transaction((tx) => {
    tx.delete(planets).run();
    tx.rollback();
  });
} catch (error) {
  console.log(error.message);
}
console.log(db.select().from(planets).all().length);
