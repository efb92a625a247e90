import { describe, expect, it } from "vitest";
import { EBADF, EMFILE } from "../../src/syscall/errno.js";
import { createProcessPage, FdTable, MAX_OPEN_FILES, STDOUT_PIPE } from "../../src/syscall/process-page.js";

describe("the table of descriptors", () => {
  it("is empty at first", () => {
    const table = new FdTable(createProcessPage(64));
    expect(table.limit).toBe(64);
    expect(table.get(0)).toBe(-EBADF);
    expect(table.free(0)).toBe(-EBADF);
  });

  it("gives out the lowest free descriptor", () => {
    const table = new FdTable(createProcessPage(64));
    table.set(1, STDOUT_PIPE);
    expect([table.alloc(0), table.alloc(7), table.alloc(8)]).toEqual([0, 2, 3]);
    expect([table.get(0), table.get(1), table.get(2)]).toEqual([0, STDOUT_PIPE, 7]);
    expect(table.free(2)).toBe(7);
    expect(table.get(2)).toBe(-EBADF);
    expect(table.alloc(9)).toBe(2);
    expect(table.set(2, 11)).toBe(9);
  });

  it("knows how much room it has left", () => {
    const page = createProcessPage(3);
    const table = new FdTable(page);
    const other = new FdTable(page);
    expect([table.hasRoom(3), table.hasRoom(4)]).toEqual([true, false]);
    table.set(1, 7);
    table.set(1, 8);
    table.set(9999, 1);
    other.alloc(5);
    expect([table.hasRoom(1), table.hasRoom(2)]).toEqual([true, false]);
    other.free(1);
    other.free(1);
    expect(other.hasRoom(2)).toBe(true);
    table.alloc(1);
    table.alloc(1);
    expect([table.alloc(1), table.hasRoom(1), table.hasRoom(0)]).toEqual([-EMFILE, false, true]);
  });

  it("answers EMFILE at its limit", () => {
    const table = new FdTable(createProcessPage(3));
    expect([table.alloc(1), table.alloc(2), table.alloc(3), table.alloc(4)]).toEqual([0, 1, 2, -EMFILE]);
  });

  it("answers EBADF for what is no descriptor", () => {
    const table = new FdTable(createProcessPage(1e9));
    for (const fd of [-1, MAX_OPEN_FILES, 0.5, Number.NaN, Infinity, 2 ** 32]) {
      expect([table.get(fd), table.set(fd, 1), table.free(fd)]).toEqual([-EBADF, -EBADF, -EBADF]);
    }
  });

  it("is bounded whatever the page says", () => {
    const page = createProcessPage(8);
    new Int32Array(page).fill(-1);
    const table = new FdTable(page);
    expect(table.limit).toBe(MAX_OPEN_FILES);
    expect(table.alloc(1)).toBe(-EMFILE);
  });
});
