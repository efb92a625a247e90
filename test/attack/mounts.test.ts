import { renameSync, symlinkSync, unlinkSync } from "node:fs";
import { type AuditEvent, NodeRuntime } from "secure-exec";
import { describe, expect, test } from "vitest";
import { TestDirectory } from "../broker/mounts/directory.js";

/* What code in a machine can try to get out of a mounted directory. */

describe("a mounted directory", () => {
  test("shows nothing of the host beside it, whatever path is asked for", async () => {
    using outside = new TestDirectory({ secret: "SECRET" });
    using dir = new TestDirectory({
      "d/x": "x",
      out: [outside.at("secret")],
      loop: ["loop"],
      "d/up": ["../.."],
    });
    const name = dir.path.split("/").at(-1);
    await using rt = await NodeRuntime.create({ mounts: [{ guestPath: "/m", hostPath: dir.path }] });
    const { value, stderr } = await rt.run<string[]>(`
      import fs from "node:fs";
      const paths = ["/m/..", "/m/../${name}", "/m/d/../../tmp", "/m/d/up", "/m/d/up/secret", "/m/loop", "/m/out",
        "/m/../../..${outside.path}/secret", "/m/${"%2e%2e/".repeat(3)}etc/passwd", "/m/D/X", "/m/d/x/../../../etc/shadow",
        "/m/\\u002e\\u002e/secret", "/m/d//..//..//..${outside.path}", "${outside.path}/secret", "${dir.path}/d/x",
        "/m/" + "../".repeat(600) + "etc/shadow", "/m/" + "d/../".repeat(700) + "out"];
      const told = [];
      for (const path of paths)
        for (const f of [fs.readFileSync, fs.readdirSync, fs.realpathSync, fs.readlinkSync, fs.statSync])
          try { told.push(String(f(path))) } catch (e) { told.push(e.message) }
      __return(told);`);
    expect(stderr).toBe("");
    const told = (value ?? []).join("\n");
    expect(told).not.toContain("SECRET");
    // Only what the guest has asked for itself is in the errors.
    expect(told.replaceAll(/'[^']*'/g, "''")).not.toContain(dir.path);
    expect(told.replaceAll(/'[^']*'/g, "''")).not.toContain(outside.path);
  });

  test("links that the host swaps meanwhile lead nowhere", async () => {
    using outside = new TestDirectory({ f: "SECRET" });
    using dir = new TestDirectory({ "d/f": "inside" });
    await using rt = await NodeRuntime.create({ mounts: [{ guestPath: "/m", hostPath: dir.path }] });
    const running = rt.run<{ got: string[]; tries: number }>(
      `import fs from "node:fs";
      const got = new Set();
      let tries = 0;
      for (const end = Date.now() + 1500; Date.now() < end; tries++)
        try { got.add(fs.readFileSync("/m/d/f", "utf8")) } catch (e) { got.add(e.code) }
      __return({ got: [...got].sort(), tries });`,
      { timeout: 30_000 },
    );
    let over = false;
    void running.finally(() => {
      over = true;
    });
    while (!over) {
      renameSync(dir.at("d"), dir.at("aside"));
      symlinkSync(outside.path, dir.at("d"));
      await new Promise(setImmediate);
      unlinkSync(dir.at("d"));
      renameSync(dir.at("aside"), dir.at("d"));
      await new Promise(setImmediate);
    }
    const { value } = await running;
    expect(value?.tries).toBeGreaterThan(0);
    expect(value?.got.filter((got) => !/^(?:inside|E[A-Z]+)$/.test(got))).toEqual([]);
  });

  test("one program can't have another's rules lifted by what is mounted", async () => {
    using dir = new TestDirectory({
      "secret/key": "SECRET",
      link: ["secret"],
      "deep/link": ["../secret/key"],
    });
    const events: AuditEvent[] = [];
    await using rt = await NodeRuntime.create({
      mounts: [{ guestPath: "/m", hostPath: dir.path, overlay: true }],
      permissions: {
        fs: { default: "allow", rules: [{ mode: "deny", operations: ["read"], paths: ["/m/secret"] }] },
      },
      onAudit: (event) => events.push(event),
    });
    const { stdout } = await rt.exec(`
      import fs from "node:fs";
      const calls = [
        () => fs.readFileSync("/m/secret/key"),
        () => fs.readFileSync("/m/link/key"),
        () => fs.readFileSync("/m/deep/link"),
        () => { fs.linkSync("/m/secret/key", "/tmp/k"); return fs.readFileSync("/tmp/k") },
        () => { fs.renameSync("/m/secret/key", "/tmp/k"); return fs.readFileSync("/tmp/k") },
        () => { fs.copyFileSync("/m/secret/key", "/tmp/k"); return fs.readFileSync("/tmp/k") },
      ];
      for (const call of calls) try { console.log(String(call())) } catch (e) { console.log(e.code) }`);
    expect(stdout.trim().split("\n")).toEqual(Array(6).fill("EACCES"));
    expect(events.every(({ origin, decision }) => origin === "machine" && decision === "deny")).toBe(true);
  });
});
