import { once } from "node:events";
import { createConnection as createRaw } from "mysql2";
import { createConnection, createPool } from "mysql2/promise";

const options = {
  host: "127.0.0.1",
  port: Number(process.argv.at(-1)),
  user: "ada",
  password: "pw",
  database: "test",
  timezone: "Z",
};
const client = await createConnection(options);
await client.query(
  "CREATE TEMPORARY TABLE things (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) UNIQUE, data JSON, bytes BLOB, at DATETIME)",
);
const [made] = await client.execute("INSERT INTO things (name, data, bytes, at) VALUES (?, ?, ?, ?)", [
  "Grüße",
  '{"a":[1]}',
  Buffer.from([0, 255]),
  new Date(0),
]);
console.log(made.insertId, made.affectedRows);
const [rows, fields] = await client.execute("SELECT * FROM things");
console.log(
  rows,
  fields.map(({ name }) => name),
);
console.log(
  await client
    .query("INSERT INTO things SET ?", { name: "Grüße" })
    .catch(({ code, errno, sqlState, sqlMessage }) => [code, errno, sqlState, sqlMessage]),
);
await client.beginTransaction();
await client.query("DELETE FROM things");
await client.rollback();
console.log((await client.query("SELECT COUNT(*) AS n FROM things"))[0]);
const [[big]] = await client.execute("SELECT LENGTH(?) AS n, ? AS back", [
  "y".repeat(1_000_000),
  "z".repeat(1_000_000),
]);
console.log(big.n, big.back.length);
await client.end();

const raw = createRaw({ ...options, compress: true });
const streamed = raw.query("SELECT seq, REPEAT('x', 100) AS t FROM seq_1_to_20000").stream();
let count = 0;
for await (const { t } of streamed) count += t.length;
console.log(count);
raw.end();
await once(raw.stream, "close");

const pool = createPool({ ...options, connectionLimit: 5 });
const sums = await Promise.all(Array.from({ length: 50 }, (_, i) => pool.execute("SELECT ? + 1 AS n", [i])));
console.log(sums.map(([[{ n }]]) => Number(n)).join(" "));
await pool.end();
console.log(
  await createConnection({ ...options, password: "wrong" }).catch(({ code, errno }) => [code, errno]),
);
