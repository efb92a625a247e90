import type { Disk } from "../../disk/disk.js";
import { S_IFIFO } from "../../disk/modes.js";
import { EEXIST } from "../../syscall/errno.js";
import type { FsValue, PathOperation } from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import { expect } from "./failure.js";
import { USER } from "./operations.js";

const PERMISSIONS = 0o7777;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const TEMPORARY = 6;

/** The operations that are one call of the disk's, about names and what is known of files. */
export async function performOnNames(disk: DiskAccess, operation: PathOperation): Promise<FsValue> {
  const { root } = disk;
  const { path } = operation;
  const act = async (call: () => number, syscall: string, first = path, second?: string): Promise<null> => {
    expect(await disk.attempt(call), syscall, first, second);
    return null;
  };
  switch (operation.op) {
    case "rename":
      return await act(() => root.rename(path, operation.dest), "rename", path, operation.dest);
    case "link":
      return await act(() => root.link(path, operation.dest), "link", path, operation.dest);
    case "chmod":
      return await act(() => root.chmod(path, operation.mode & PERMISSIONS), "chmod");
    case "utimes":
      return await act(() => root.utimes(path, operation.atime, operation.mtime), "utime");
    case "symlink": {
      const { target } = operation;
      await act(() => root.symlink(target, path), "symlink", target, path);
      return await act(() => root.lchown(path, USER, USER), "symlink", target, path);
    }
    case "mkfifo":
      await act(() => root.mknod(path, S_IFIFO | (operation.mode & PERMISSIONS), 0), "mkfifo");
      return await act(() => root.lchown(path, USER, USER), "mkfifo");
    case "readlink":
      return await answer(disk, () => root.readlink(path), "readlink", path);
    case "realpath":
      return await answer(disk, () => root.realpath(path), "realpath", path);
    case "mkdtemp":
      return await makeTemporary(disk, path);
    default:
      throw new TypeError(`No such operation: ${operation.op}`);
  }
}

/** The text that a call has put into the disk's result: taken before anything else can put there another. */
async function answer(disk: DiskAccess, call: () => number, syscall: string, path: string): Promise<string> {
  let text = "";
  const length = await disk.attempt(() => {
    const result = call();
    if (result > 0) text = textOf(disk.root, result);
    return result;
  });
  expect(length, syscall, path);
  return text;
}

function textOf({ result }: Disk, length: number): string {
  return Buffer.from(result.subarray(0, length)).toString("utf8");
}

async function makeTemporary(disk: DiskAccess, prefix: string): Promise<string> {
  const { root } = disk;
  for (;;) {
    let path = prefix;
    for (let i = 0; i < TEMPORARY; i++) path += LETTERS[Math.floor(Math.random() * LETTERS.length)];
    const made = await disk.attempt(() => root.mkdir(path, 0o700));
    if (made === -EEXIST) continue;
    expect(made, "mkdtemp", `${prefix}XXXXXX`);
    expect(await disk.attempt(() => root.lchown(path, USER, USER)), "mkdtemp", `${prefix}XXXXXX`);
    return path;
  }
}
