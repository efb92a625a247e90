// biome-ignore-all lint/correctness/noUnusedVariables: what is here, the programs use.
// Put in front of each program: runs the cases one after the other and prints what they gave as JSON.
import fs from "node:fs";

const cwd = process.cwd();
const results = [];

const statTimes = ["atime", "mtime", "ctime", "birthtime"];

function showStats(stats) {
  const shown = { class: stats.constructor.name };
  for (const [key, value] of Object.entries(stats)) {
    if (key === "dev" || key === "ino" || key === "blksize" || /time/.test(key)) shown[key] = typeof value;
    else if (key === "blocks" || key === "rdev") shown[key] = typeof value;
    // How large a directory is, is the file system's own affair.
    else if (key === "size" && stats.isDirectory()) shown[key] = typeof value;
    else shown[key] = String(value);
  }
  for (const key of statTimes) shown[key] = stats[key] instanceof Date && stats[key].getTime() > 0;
  for (const key of ["isFile", "isDirectory", "isSymbolicLink", "isFIFO", "isSocket", "isBlockDevice"])
    shown[key] = stats[key]();
  return shown;
}

function showFrames(error) {
  return String(error.stack)
    .split("\n")
    .filter(
      (line) =>
        line.startsWith("    at ") && line.includes("node:") && !line.includes("node:internal/modules"),
    )
    .map((line) => line.replace(/:\d+:\d+/g, ""));
}

function showError(error) {
  if (!(error instanceof Error)) return { thrown: show(error) };
  const { name, message, code, errno, syscall, path, dest } = error;
  const shown = {
    name,
    message,
    code,
    errno,
    syscall,
    path,
    dest,
    keys: Object.keys(error),
    frames: showFrames(error),
  };
  return {
    ...shown,
    prototype: Object.getPrototypeOf(error) === globalThis[error.constructor.name]?.prototype,
  };
}

function show(value) {
  if (value === undefined) return { undefined: true };
  if (typeof value === "bigint") return { bigint: String(value) };
  if (typeof value === "symbol" || typeof value === "function")
    return { type: typeof value, name: value.name };
  if (value === null || typeof value !== "object") return value;
  if (value instanceof fs.Stats || value.constructor?.name === "BigIntStats") return showStats(value);
  if (Buffer.isBuffer(value)) return { buffer: value.toString("latin1") };
  if (ArrayBuffer.isView(value)) return { view: value.constructor.name, length: value.byteLength };
  if (value instanceof Error) return { error: showError(value) };
  if (Array.isArray(value)) return value.map(show);
  if (value instanceof fs.Dirent)
    return {
      dirent: show(value.name),
      parentPath: show(value.parentPath),
      directory: value.isDirectory(),
      file: value.isFile(),
      link: value.isSymbolicLink(),
    };
  const shown = {};
  for (const key of Object.keys(value)) shown[key] = show(value[key]);
  return shown;
}

/** Runs one case. */
async function check(name, run) {
  let result;
  try {
    result = { value: show(await run()) };
  } catch (error) {
    result = { error: showError(error) };
  }
  results.push([name, result]);
}

/** Calls `method` with a callback and gives what it was called with. */
function call(method, ...args) {
  return new Promise((resolve) => method(...args, (...answer) => resolve(answer)));
}

/** Runs the same case in its three forms. */
async function everyForm(name, method, ...args) {
  await check(`${name} sync`, () => fs[`${method}Sync`](...args));
  await check(`${name} callback`, () => call(fs[method], ...args));
  await check(`${name} promise`, () => fs.promises[method](...args));
}

function finish() {
  const text = JSON.stringify(results).replaceAll(cwd, "<cwd>");
  process.stdout.write(text.replace(/(missing\/tmp-)(?!XXXXXX)\w{6}/g, "$1random"));
}
