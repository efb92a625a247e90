// Every call that takes a path, on paths that lead nowhere or are too long, in each of its forms.
let scenes = 0;

/** A folder of its own, as it was in the beginning. */
function newScene() {
  process.chdir(cwd);
  const name = `scene${scenes++}`;
  fs.mkdirSync(name);
  process.chdir(name);
  fs.writeFileSync("f", "text");
  fs.mkdirSync("d/e", { recursive: true });
  fs.writeFileSync("d/f", "text");
  fs.symlinkSync("loop", "loop");
  fs.symlinkSync("gone", "dangling");
  fs.symlinkSync("d", "link");
  for (const [folder, mode] of [
    ["closed", 0],
    ["fixed", 0o500],
  ]) {
    fs.mkdirSync(folder);
    fs.writeFileSync(`${folder}/f`, "text");
    fs.chmodSync(folder, mode);
  }
  fs.writeFileSync("secret", "text");
  fs.chmodSync("secret", 0);
}

const pad = (length, end) => `./${"/".repeat(length - 2 - end.length)}${end}`;
const places = {
  empty: "",
  missing: "gone",
  "missing parent": "no/such/f",
  "missing parents of a folder": "no/such/d/",
  "file as folder": "f/x",
  "file with a slash": "f/",
  "missing with a slash": "gone/",
  folder: "d",
  "folder with slashes": "d//",
  "folder itself": "d/.",
  "folder above": "d/..",
  loop: "loop",
  "loop as folder": "loop/x",
  dangling: "dangling",
  "dangling with a slash": "dangling/",
  "link to a folder": "link",
  "link to a folder with a slash": "link/",
  "in a closed folder": "closed/f",
  "missing in a closed folder": "closed/g",
  "a closed folder": "closed",
  "in a fixed folder": "fixed/f",
  "missing in a fixed folder": "fixed/g",
  secret: "secret",
  "name of 255": "n".repeat(255),
  "name of 256": "n".repeat(256),
  "name of 256 in the middle": `${"n".repeat(256)}/f`,
  "characters of 256 bytes": "é".repeat(128),
  "path of 4095": pad(4095, "gone"),
  "path of 4096": pad(4096, "gone"),
  "path of 4097": pad(4097, "gone"),
  "path of 4096 to a file": pad(4096, "f"),
  "bytes that are no text": Buffer.from([0xff, 0xfe, 0x2f, 0x80]),
};
const recursive = { recursive: true };
const reads = {
  access: [[], [fs.constants.W_OK], [fs.constants.X_OK]],
  stat: [[], [{ bigint: true, throwIfNoEntry: false }]],
  lstat: [[], [{ throwIfNoEntry: false }]],
  readFile: [[], ["utf8"], [{ flag: "r+" }]],
  open: [["r"], ["r+"], [fs.constants.O_DIRECTORY], [fs.constants.O_NOFOLLOW]],
  readdir: [[], [{ withFileTypes: true }], [{ encoding: "buffer" }], [recursive]],
  readlink: [[], ["buffer"]],
  realpath: [[], ["buffer"]],
  opendir: [[], [recursive]],
  statfs: [[]],
};
const changes = {
  writeFile: [
    ["x"],
    ["x", { flag: "wx" }],
    ["x", { flag: "r+" }],
    ["x", { flag: "r" }],
    [Buffer.alloc(70_000)],
  ],
  appendFile: [["x"]],
  open: [["w"], ["wx"], ["a+"]],
  mkdir: [[], [recursive], [{ recursive: true, mode: 0 }]],
  rmdir: [[]],
  unlink: [[]],
  chmod: [[0o600]],
  chown: [
    [0, 0],
    [1000, 1000],
  ],
  lchown: [[0, 0]],
  utimes: [[1, 1]],
  lutimes: [[1, 1]],
  truncate: [[], [5]],
  rm: [[], [{ force: true }], [{ recursive: true, force: true }]],
};

/** What a call answered, without what can't be the same twice. */
function plain(value) {
  if (value?.constructor?.name === "FileHandle" || value instanceof fs.Dir) {
    return Promise.resolve(value.close()).then(() => value.constructor.name);
  }
  if (Array.isArray(value)) return value.map((entry) => show(entry)).sort();
  if (value?.constructor?.name === "StatFs") return "StatFs";
  return value;
}

/** What can be seen of the scene. */
function snapshot() {
  const files = fs.readdirSync(".").sort();
  return files.map((name) => [name, fs.lstatSync(name).mode, fs.lstatSync(name).nlink]);
}

async function everywhere(calls, changing) {
  newScene();
  for (const [method, variants] of Object.entries(calls)) {
    for (const [variant, args] of variants.entries()) {
      for (const [title, place] of Object.entries(places)) {
        const name = `${method} ${variant} ${title}`;
        // The C library takes longer paths than the system, if they are so for their slashes.
        if (method === "realpath" && /409[67]/.test(title)) continue;
        if (changing && title === "folder above") continue;
        // Each form finds what the ones before have left.
        if (changing) newScene();
        await check(`${name} sync`, async () => {
          const value = fs[`${method}Sync`](place, ...args);
          if (method === "open") return fs.closeSync(value);
          return [await plain(value), changing && snapshot()];
        });
        await check(`${name} callback`, async () => {
          const [error, value] = await call(fs[method], place, ...args);
          if (error) throw error;
          if (method === "open") return fs.closeSync(value);
          return [await plain(value), changing && snapshot()];
        });
        await check(`${name} promise`, async () => {
          return [await plain(await fs.promises[method](place, ...args)), changing && snapshot()];
        });
      }
    }
  }
}
await everywhere(reads, false);
await everywhere(changes, true);
newScene();
for (const [title, place] of Object.entries(places)) {
  await check(`exists ${title}`, () => [
    fs.existsSync(place),
    new Promise((resolve) => fs.exists(place, resolve)),
  ]);
  if (/409[67]/.test(title)) continue;
  await check(`native realpath ${title}`, () => fs.realpathSync.native(place));
  await check(`native realpath callback ${title}`, async () => {
    const [error, value] = await call(fs.realpath.native, place);
    if (error) throw error;
    return value;
  });
}
for (const method of ["rename", "link", "symlink", "copyFile"]) {
  for (const [title, place] of Object.entries(places)) {
    if (/^(folder above|folder itself|folder|folder with slashes|link to a folder.*)$/.test(title)) continue;
    await everyForm(`${method} from ${title}`, method, place, "no/such/target");
    if (method !== "symlink") await everyForm(`${method} to ${title} from nowhere`, method, "nowhere", place);
    if (/name of 256|409[67]|missing parent|as folder|closed folder/.test(title))
      await everyForm(`${method} to ${title}`, method, "f", place);
  }
}
await check("what is left", snapshot);
