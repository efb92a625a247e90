import { expect, test } from "vitest";
import { checkDisk } from "../../src/disk/disk.js";
import { get, list, makeDisk, openDisk, put, stat } from "./support.js";

const EPERM = -1;
const EACCES = -13;
const EXDEV = -18;
const EROFS = -30;
const WRITE = 1;
const CREATE = 0o101;

test("nobody but the administrator changes what is sealed, as on a read-only mount", () => {
  const { disk, memory } = makeDisk(4 << 20, 1024, { umask: 0 });
  disk.mkdir("/tree", 0o777);
  put(disk, "/tree/file", "kept", 0o666);
  disk.symlink("file", "/tree/link");
  disk.chown("/tree/file", 1000, 1000);
  for (const path of ["/tree", "/tree/file"]) expect(disk.seal(path)).toBe(0);
  const { disk: guest } = openDisk(memory, { uid: 1000, gid: 1000, umask: 0, cwd: 1 });

  expect(stat(guest, "/tree/file")).toMatchObject({ mode: 0o100666, uid: 0 });
  expect(get(guest, "/tree/file")).toBe("kept");
  const bytes = new Uint8Array(1);
  const attempts = [
    guest.open("/tree/file", WRITE, 0),
    guest.open("/tree/new", CREATE, 0o644),
    guest.writeSmall("/tree/file", CREATE, 0o644, bytes, 1),
    guest.truncate("/tree/file", 0),
    guest.mkdir("/tree/new", 0o755),
    guest.symlink("x", "/tree/new"),
    guest.link("/tree/file", "/tree/new"),
    guest.unlink("/tree/file"),
    guest.rename("/tree/file", "/tree/new"),
    guest.chmod("/tree/file", 0o777),
    guest.chown("/tree/file", 1000, 1000),
    guest.utimes("/tree/file", 1, 1),
    guest.utimes("/tree/file", Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
    guest.access("/tree/file", 2),
  ];
  expect(attempts).toEqual(attempts.map(() => EROFS));
  expect(guest.access("/tree/file", 1)).toBe(EACCES);
  disk.mkdir("/other", 0o777);
  expect(guest.mkdir("/other/own", 0o755)).toBe(0);
  expect(guest.rename("/tree/file", "/other/new")).toBe(EXDEV);
  expect(guest.rename("/other/own", "/tree/file")).toBe(EXDEV);
  expect(guest.link("/tree/file", "/other/new")).toBe(EXDEV);
  expect(guest.seal("/tree/link")).toBe(EPERM);
  expect(list(guest, "/tree")).toEqual(["file", "link"]);

  expect(disk.chmod("/tree/file", 0o600)).toBe(0);
  expect(put(disk, "/tree/file", "new")).toBeGreaterThanOrEqual(0);
  expect(guest.open("/tree/file", WRITE, 0)).toBe(EROFS);
});

test("a check of the disk leaves the seal", () => {
  const { disk, memory } = makeDisk(4 << 20, 1024, { umask: 0 });
  put(disk, "/file", "kept", 0o666);
  expect(disk.seal("/file")).toBe(0);
  expect(checkDisk(memory)).toMatchObject({ repaired: 0 });
  const { disk: guest } = openDisk(memory, { uid: 1000, gid: 1000, umask: 0, cwd: 1 });
  expect(guest.open("/file", WRITE, 0)).toBe(EROFS);
});
