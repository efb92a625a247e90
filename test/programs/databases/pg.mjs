import { once } from "node:events";
import pg from "pg";

const options = {
  host: "127.0.0.1",
  port: Number(process.argv.at(-1)),
  user: "ada",
  password: "pw",
  database: "postgres",
};
const client = new pg.Client(options);
await client.connect();
await client.query(
  "CREATE TEMP TABLE things (id serial PRIMARY KEY, name text UNIQUE, data jsonb, bytes bytea, at timestamptz)",
);
const { rows, rowCount, fields } = await client.query(
  "INSERT INTO things (name, data, bytes, at) VALUES ($1, $2, $3, $4), ($5, NULL, NULL, NULL) RETURNING *",
  ["Grüße", { a: [1] }, Buffer.from([0, 255]), new Date(0), "other"],
);
console.log(
  rowCount,
  rows,
  fields.map(({ name }) => name),
);
console.log(
  await client
    .query("INSERT INTO things (name) VALUES ('other')")
    .catch(({ code, constraint, message }) => [code, constraint, message]),
);
await client.query("BEGIN");
await client.query("DELETE FROM things");
await client.query("ROLLBACK");
console.log(
  (await client.query({ name: "count", text: "SELECT count(*)::int AS n FROM things", rowMode: "array" }))
    .rows,
);
const many = await client.query("SELECT i, repeat('x', 100) AS t FROM generate_series(1, 20000) AS i");
console.log(
  many.rows.length,
  many.rows.at(-1).i,
  many.rows.reduce((sum, { t }) => sum + t.length, 0),
);
const [big] = (await client.query("SELECT length($1::text) AS n, $1 AS back", ["y".repeat(3_000_000)])).rows;
console.log(big.n, big.back.length);

const listener = new pg.Client(options);
await listener.connect();
await listener.query("LISTEN news");
const told = once(listener, "notification");
await client.query("SELECT pg_notify('news', 'heard')");
const [{ channel, payload }] = await told;
console.log(channel, payload);
await listener.end();
await client.end();

const pool = new pg.Pool({ ...options, max: 5 });
const sums = await Promise.all(
  Array.from({ length: 50 }, (_, i) => pool.query("SELECT $1::int + 1 AS n", [i])),
);
console.log(sums.map((sum) => sum.rows[0].n).join(" "), pool.totalCount);
await pool.end();
const stranger = new pg.Client({ ...options, password: "wrong" });
console.log(await stranger.connect().catch(({ code, message }) => [code, message]));
