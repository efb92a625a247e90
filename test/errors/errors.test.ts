import { expect, test } from "vitest";
import { ArchiveError } from "../../src/errors/archive-error.js";
import { DiskLostError } from "../../src/errors/disk-lost-error.js";
import { DisposedError } from "../../src/errors/disposed-error.js";
import { FileSystemError } from "../../src/errors/file-system-error.js";
import { InvalidOptionError } from "../../src/errors/invalid-option-error.js";
import { PersistError } from "../../src/errors/persist-error.js";
import { SecureExecError } from "../../src/errors/secure-exec-error.js";
import { SnapshotError } from "../../src/errors/snapshot-error.js";
import { StdinClosedError } from "../../src/errors/stdin-closed-error.js";
import { ValueRefusedError } from "../../src/errors/value-refused-error.js";

test("errors of the disk read as Node's own", () => {
  const error = new FileSystemError({ code: "ENOENT", errno: -2, syscall: "open", path: "/a" });
  expect(error.message).toBe("ENOENT: no such file or directory, open '/a'");
  expect(error).toMatchObject({
    code: "ENOENT",
    errno: -2,
    syscall: "open",
    path: "/a",
    name: "FileSystemError",
  });
  const rename = new FileSystemError({
    code: "EXDEV",
    errno: -18,
    syscall: "rename",
    path: "/a",
    dest: "/b",
  });
  expect(rename.message).toBe("EXDEV: cross-device link not permitted, rename '/a' -> '/b'");
  const unknown = new FileSystemError({ code: "EWHAT", errno: -999, syscall: "read" });
  expect(unknown.message).toBe("EWHAT: unknown error, read");
});

test("every error has a code, a name, and where it helps a hint and a cause", () => {
  const cause = new Error("cause");
  const errors = [
    new DisposedError(),
    new DiskLostError("reason", { cause }),
    new InvalidOptionError({ key: "a", expected: "b", cause }),
    new ArchiveError("link", "a/b", { cause }),
    new PersistError("busy", { cause }),
    new SnapshotError("damaged", { cause, hint: "A hint." }),
    new ValueRefusedError("reason", { cause }),
    new StdinClosedError("reason"),
  ];
  expect(errors.map(({ code, name }) => [name, code])).toEqual([
    ["DisposedError", "ERR_SECURE_EXEC_DISPOSED"],
    ["DiskLostError", "ERR_SECURE_EXEC_DISK_LOST"],
    ["InvalidOptionError", "ERR_SECURE_EXEC_INVALID_OPTION"],
    ["ArchiveError", "ERR_SECURE_EXEC_ARCHIVE"],
    ["PersistError", "ERR_SECURE_EXEC_PERSIST"],
    ["SnapshotError", "ERR_SECURE_EXEC_SNAPSHOT"],
    ["ValueRefusedError", "ERR_SECURE_EXEC_VALUE_REFUSED"],
    ["StdinClosedError", "ERR_SECURE_EXEC_STDIN_CLOSED"],
  ]);
  for (const error of errors) {
    expect(error).toBeInstanceOf(Error);
    expect(SecureExecError.isInstance(error)).toBe(true);
    if (error.hint !== undefined) expect(error.message.endsWith(error.hint)).toBe(true);
  }
  expect(errors.map((error) => error.cause)).toEqual([
    undefined,
    cause,
    cause,
    cause,
    cause,
    cause,
    cause,
    undefined,
  ]);
  expect(SecureExecError.isInstance(new Error("other"))).toBe(false);
  expect(SecureExecError.isInstance(null)).toBe(false);
  expect(DisposedError.isInstance(new DisposedError())).toBe(true);
  expect(DiskLostError.isInstance(new DisposedError())).toBe(false);
});
