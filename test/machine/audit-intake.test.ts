import { expect, test } from "vitest";
import { AuditLog } from "../../src/kernel/audit-log.js";
import { AuditIntake } from "../../src/machine/audit-intake.js";
import { AUDIT_BURST, type AuditEvent } from "../../src/policy/audit.js";
import { operationBit, scopeNumber } from "../../src/policy/operations.js";
import type { AuditMessage } from "../../src/wire/index.js";
import { parseMachineMessage } from "../../src/wire/validation.js";

const report: AuditMessage = {
  type: "audit",
  scope: "fs",
  operation: "read",
  resource: "/a",
  decision: "deny",
  rule: 2,
  suppressed: 0,
};

test("a report becomes an event with the host's time and the rule's name", () => {
  const events: AuditEvent[] = [];
  const intake = new AuditIntake((event) => events.push(event));
  expect(intake.take(report)).toBeNull();
  expect(intake.take({ ...report, rule: null })).toBeNull();
  expect(events.map(({ time: _, ...event }) => event)).toEqual([
    {
      scope: "fs",
      operation: "read",
      resource: "/a",
      decision: "deny",
      suppressed: 0,
      origin: "machine",
      rule: "fs.rules[2]",
    },
    {
      scope: "fs",
      operation: "read",
      resource: "/a",
      decision: "deny",
      suppressed: 0,
      origin: "machine",
      rule: null,
    },
  ]);
});

test("an operation of another scope, and more reports than there can be, are breaches", () => {
  let count = 0;
  const intake = new AuditIntake(() => count++);
  expect(intake.take({ ...report, operation: "connect" })).toContain("operation");
  let breach: string | null = null;
  for (let i = 0; i < 10_000 && breach === null; i++) breach = intake.take(report);
  expect(breach).toContain("more audit reports");
  expect(count).toBeGreaterThan(AUDIT_BURST + 50 * 60);
  expect(count).toBeLessThan(AUDIT_BURST + 50 * 60 * 2);
});

test("the kernel passes on what makes sense, bounded and as the host takes it", () => {
  const sent: AuditMessage[] = [];
  const log = new AuditLog((message) => sent.push(message));
  const read = scopeNumber("fs") * 256 + operationBit("fs", "read");
  const bytes = Buffer.from("/secret");
  for (const what of [-1, 0, NaN, Infinity, 1e9, 0.5, 9 * 256 + 1, read + 0x80]) log.refused(what, 0, bytes);
  for (const rule of [0.5, NaN]) log.refused(read, rule, bytes);
  const nonsense = sent.length;
  log.refused(read, -1, bytes);
  log.refused(read, 3, Buffer.from("é".repeat(2000)));
  log.refused(read, 3, Buffer.from([0xff, 0x00]));
  const last = sent.slice(nonsense);
  expect(last.map(({ rule }) => rule)).toEqual([null, 3, 3]);
  expect(last[1]?.resource).toHaveLength(1024);
  for (const message of sent) expect(parseMachineMessage(message)).toEqual(message);
  for (let i = 0; i < 1000; i++) log.refused(read, 0, bytes);
  expect(sent.length).toBeLessThanOrEqual(AUDIT_BURST + 5);
});
