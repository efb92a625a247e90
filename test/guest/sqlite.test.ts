import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildGuest, TestMachine } from "./harness.js";

/** A directory of the computer: the machine of these tests has no jail, so SQLite itself could write it. */
const host = mkdtempSync(join(tmpdir(), "sqlite-"));
const existing = join(host, "existing.db");

let machine: TestMachine;
beforeAll(async () => {
  writeFileSync(existing, "");
  machine = new TestMachine(await buildGuest());
});
afterAll(() => rmSync(host, { recursive: true }));

const prelude = `
  import sqlite, { DatabaseSync, backup } from "node:sqlite";
  import vm from "node:vm";
  const dir = process.argv[1];
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)");
  const show = async (f) => { try { console.log(JSON.stringify(await f())) } catch (error) { console.log(error.code) } };
`;

async function lines(code: string): Promise<string[]> {
  const { stdout, stderr } = await machine.run({
    code: prelude + code,
    args: [host],
    env: { NODE_NO_WARNINGS: "1" },
  });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

const refused = "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM";

describe("databases in memory", () => {
  it.each([
    ["rows", `db.prepare("SELECT a FROM t").all()`, `[{"a":1},{"a":2}]`],
    ["a temporary table", `db.exec("CREATE TEMP TABLE x(y)"), 1`, "1"],
    ["VACUUM", `db.exec("VACUUM"), 1`, "1"],
    [
      "a second one in memory",
      `db.exec("ATTACH ':memory:' AS m; ATTACH '' AS n; CREATE TABLE n.x(y)"), 1`,
      "1",
    ],
    ["a function", `db.function("f", (x) => x + 1), db.prepare("SELECT f(a) AS b FROM t").get()`, `{"b":2}`],
    ["a URI", `new DatabaseSync("file:any?mode=memory&cache=private").location()`, "null"],
    ["an empty name", `new DatabaseSync("").location()`, "null"],
    ["bytes as its name", `new DatabaseSync(Buffer.from(":memory:")).isOpen`, "true"],
    ["a URL", `new DatabaseSync(new URL("file:/any?mode=memory")).isOpen`, "true"],
    [
      "what was serialized",
      `(() => { const other = new DatabaseSync(":memory:"); other.deserialize(db.serialize()); return other.prepare("SELECT count(*) AS n FROM t").get() })()`,
      `{"n":2}`,
    ],
    ["a backup in memory", `backup(db, ":memory:")`, "2"],
    [
      "where temporary data is",
      `db.exec("PRAGMA temp_store = FILE"), db.prepare("PRAGMA temp_store").get()`,
      `{"temp_store":2}`,
    ],
    ["a tag store", `db.createTagStore().all\`SELECT a FROM t WHERE a > \${1}\``, `[{"a":2}]`],
    [
      "a subclass",
      `(() => { class Mine extends DatabaseSync {} const mine = new Mine(":memory:"); return [mine instanceof DatabaseSync, mine.constructor.name, db.constructor === DatabaseSync] })()`,
      `[true,"Mine",true]`,
    ],
  ])("have %s", async (_what, code, expected) => {
    expect(await lines(`await show(() => (${code}))`)).toEqual([expected]);
  });

  it("ask the program's own authorizer too", async () => {
    const code = `
      const asked = [];
      db.setAuthorizer((action, table) => { asked.push(table); return action === sqlite.constants.SQLITE_DELETE ? 1 : 0 });
      await show(() => db.prepare("SELECT a FROM t").get());
      await show(() => db.exec("DELETE FROM t"));
      db.setAuthorizer(null);
      await show(() => db.exec("DELETE FROM t"));
      console.log(asked.includes("t"));`;
    expect(await lines(code)).toEqual([`{"a":1}`, "ERR_SQLITE_ERROR", "undefined", "true"]);
  });

  it("are of one process alone", async () => {
    const code = (name: string) => `await show(() => new DatabaseSync("${name}").exec("CREATE TABLE x(y)"))`;
    for (const name of ["file:shared?mode=memory&cache=shared", "file:/shared?vfs=memdb"])
      expect(await lines(code(name))).toEqual([refused]);
  });
});

describe("databases in files are refused", () => {
  it.each([
    ["by a path", `new DatabaseSync(dir + "/a.db")`],
    ["by a path to open later", `new DatabaseSync(dir + "/a.db", { open: false })`],
    ["by bytes", `new DatabaseSync(Buffer.from(dir + "/a.db"))`],
    ["by a URL", `new DatabaseSync(new URL("file://" + dir + "/a.db"))`],
    ["by a URI", `new DatabaseSync("file:" + dir + "/a.db?mode=rwc")`],
    ["by two modes", `new DatabaseSync("file:" + dir + "/a.db?mode=memory&mode=rwc")`],
    ["by another VFS", `new DatabaseSync("file:" + dir + "/a.db?mode=memory&vfs=unix")`],
    ["by an encoded query", `new DatabaseSync("file:" + dir + "/a.db%3fmode=memory?cache=private")`],
    ["by a fragment", `new DatabaseSync("file:" + dir + "/a.db#?mode=memory")`],
    [
      "by an object that changes its mind",
      `(() => { let n = 0; return new DatabaseSync({ get href() { return n++ ? "file://" + dir + "/a.db" : "file:x?mode=memory" } }) && n > 1 })() || Promise.reject({ code: "${refused}" })`,
    ],
    ["by the class that a prototype leads to", `new (Object.getPrototypeOf(db).constructor)(dir + "/a.db")`],
    ["in SQL", `db.exec("ATTACH '" + dir + "/a.db' AS x; CREATE TABLE x.y(z)")`],
    ["in a prepared statement", `db.prepare("ATTACH '" + dir + "/a.db' AS x")`],
    ["by a parameter", `db.prepare("ATTACH ? AS x").run(dir + "/a.db")`],
    ["by an expression", `db.exec("ATTACH '" + dir + "' || '/a.db' AS x")`],
    ["by an identifier", `db.exec('ATTACH "' + dir + '/a.db" AS x')`],
    ["by a URI in SQL", `db.exec("ATTACH 'file:" + dir + "/a.db' AS x")`],
    ["in a tag store", `db.createTagStore().run\`ATTACH \${dir + "/a.db"} AS x\``],
    ["of VACUUM INTO", `db.exec("VACUUM INTO '" + dir + "/a.db'")`],
    ["of VACUUM INTO a parameter", `db.prepare("VACUUM INTO ?").run(dir + "/a.db")`],
    ["as a backup", `backup(db, dir + "/a.db")`],
    ["as temporary ones", `db.exec("PRAGMA temp_store_directory = '" + dir + "'")`],
    ["as temporary ones of a function", `db.exec("PRAGMA TEMP_STORE_directory('" + dir + "')")`],
    ["for every process", `db.exec("PRAGMA hard_heap_limit = 1000")`],
    ["after taking the authorizer away", `db.setAuthorizer(null), db.exec("ATTACH '" + dir + "/a.db' AS x")`],
    [
      "past an authorizer that allows",
      `db.setAuthorizer(() => 0), db.exec("ATTACH '" + dir + "/a.db' AS x")`,
    ],
    ["after a second opening", `db.close(), db.open(), db.exec("ATTACH '" + dir + "/a.db' AS x")`],
    ["as extensions", `new DatabaseSync(":memory:", { allowExtension: true }).loadExtension(dir + "/x.so")`],
    [
      "as extensions in SQL",
      `(() => { const open = new DatabaseSync(":memory:", { allowExtension: true }); open.enableLoadExtension(true); open.exec("SELECT load_extension('" + dir + "/x.so')") })()`,
    ],
    [
      "while another is taken over",
      `(() => { process.chdir("/tmp"); const bytes = db.serialize(); let error; try { db.deserialize(bytes, { get dbName() { try { db.exec("ATTACH 'x' AS y") } catch (e) { error = e } return "main" } }) } finally { if (error) throw error } })()`,
    ],
    [
      "by the authorizer of one that is taken over",
      `(() => { const bytes = db.serialize(); const other = new DatabaseSync(":memory:"); let found; other.setAuthorizer(() => { try { other.exec("ATTACH 'x' AS y"); found = "done" } catch (error) { found ??= error.code } return 0 }); try { other.deserialize(bytes) } catch {} throw { code: found === "ERR_INVALID_STATE" ? "${refused}" : found } })()`,
    ],
  ])("%s", async (_what, code) => {
    expect(await lines(`await show(() => (${code}))`)).toEqual([refused]);
    expect(readdirSync(host)).toEqual(["existing.db"]);
  });

  it("at whatever point a connection's opening is interrupted", async () => {
    const code = `
      const attach = "ATTACH '" + dir + "/a.db' AS x; CREATE TABLE x.y(z)";
      const outcomes = new Set();
      const later = new DatabaseSync(":memory:", { open: false });
      const store = (() => { later.open(); const made = later.createTagStore(); later.close(); return made })();
      function attempt(depth) {
        try { attempt(depth + 1) } catch {}
        if (!later.isOpen) try { later.open() } catch {}
      }
      attempt(0);
      for (const f of [() => later.exec(attach), () => store.run\`ATTACH \${dir + "/a.db"} AS x\`])
        try { f(); outcomes.add("done") } catch (error) { outcomes.add(error.code) }
      for (let i = 0; i < 50; i++) {
        if (later.isOpen) later.close();
        try { vm.runInNewContext("while (true) { try { later.open() } catch {} later.close() }", { later }, { timeout: 1 + i % 3 }) } catch {}
        if (!later.isOpen) later.open();
        try { later.exec(attach); outcomes.add("done") } catch (error) { outcomes.add(error.code) }
      }
      console.log([...outcomes]);`;
    expect(await lines(code)).toEqual([`[ '${refused}' ]`]);
    expect(readdirSync(host)).toEqual(["existing.db"]);
  });
});
