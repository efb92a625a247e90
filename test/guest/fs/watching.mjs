fs.mkdirSync("mark");
const seen = [];
const open = [];
const errors = [];

/** Watches with a label; the events of all watchers go into one list. */
function watch(label, path, options) {
  const note = (type, name) => seen.push([label, type, Buffer.isBuffer(name) ? name.toString("hex") : name]);
  const watcher = fs.watch(path, options ?? {}, note);
  watcher.on("error", (error) => seen.push([label, error.message]));
  watcher.on("close", () => seen.push([label, "close"]));
  open.push(watcher);
  return watcher;
}

const marks = fs.watch("mark");

/** What comes later than all that has happened, in the one queue of this process. */
async function settle() {
  const mark = new Promise((resolve) => marks.once("change", resolve));
  fs.writeFileSync(`mark/${Math.random()}`, "");
  await mark;
  await new Promise(setImmediate);
  marks.removeAllListeners();
}

/** Gives the events that an operation makes. */
async function events(name, run) {
  await settle();
  seen.length = 0;
  await check(name, async () => {
    const value = await run();
    await settle();
    const [...found] = seen;
    return value instanceof FSWatcher ? found : { found, value };
  });
}

function withFile(path, flags, run) {
  const fd = fs.openSync(path, flags);
  try {
    run(fd);
  } finally {
    fs.closeSync(fd);
  }
}

for (const directory of ["d", "e", "d/sub"]) fs.mkdirSync(directory);
fs.writeFileSync("d/f", "x");
fs.writeFileSync("g", "1");
const FSWatcher = marks.constructor;
await check("kinds", () => [typeof fs.FSWatcher, FSWatcher.name, marks._handle.constructor.name]);
await check("a handle", () => {
  const { _handle: handle } = marks;
  return [handle.initialized, handle.hasRef(), typeof handle.getAsyncId(), handle.owner === marks];
});
watch("D", "d");
const file = watch("F", "./d/f");
watch("G", "g");
watch("S", "d/sub");

// files
await events("write", () => fs.writeFileSync("d/f", "hello"));
await events("append", () => fs.appendFileSync("d/f", "hello"));
await events("append nothing", () => fs.appendFileSync("d/f", ""));
await events("write nothing", () => fs.writeFileSync("d/f", ""));
await events("write nothing again", () => fs.writeFileSync("d/f", ""));
await events("chmod", () => fs.chmodSync("d/f", 0o600));
await events("utimes", () => fs.utimesSync("d/f", 1, 2));
await events("chown to the same", () => fs.chownSync("d/f", process.getuid(), process.getgid()));
await events("chown to none", () => fs.chownSync("d/f", -1, -1));
await events("truncate", () => fs.truncateSync("d/f", 3));
await events("read", () => fs.readFileSync("d/f", "utf8"));
await events("by descriptor", () =>
  withFile("d/f", "r+", (fd) => {
    fs.futimesSync(fd, 3, 4);
    fs.fchmodSync(fd, 0o644);
    fs.ftruncateSync(fd, 10);
    fs.ftruncateSync(fd, 10);
    fs.writeSync(fd, "abc", 20);
    fs.fsyncSync(fd);
  }),
);
await events("create", () => fs.writeFileSync("d/new", ""));
await events("create with data", () => fs.writeFileSync("d/new2", "data"));
await events("create what is there", () => fs.writeFileSync("d/new2", "data", { flag: "wx" }));
await events("create in two writes", () =>
  withFile("d/o", "w+", (fd) => {
    fs.writeSync(fd, "a");
    fs.writeSync(fd, "b");
  }),
);
await events("copy", () => fs.copyFileSync("g", "d/copy"));
await events("copy over", () => fs.copyFileSync("g", "d/copy"));
await events("copy nothing", () => fs.copyFileSync("d/new", "d/copy2"));
await events("one after the other", () => {
  for (const name of ["a", "b", "a", "b", "b"]) fs.writeFileSync(`d/${name}`, "1");
});
await events("the same often", () => {
  for (let i = 0; i < 100; i++) fs.writeFileSync("d/a", "1");
});
await events("cp", () => fs.cpSync("g", "d/cp"));

// names
await events("mkdir", () => fs.mkdirSync("d/dir"));
await events("mkdir, deep", () => fs.mkdirSync("d/x/y/z", { recursive: true }).length > 0);
await events("chmod a directory in it", () => fs.chmodSync("d/dir", 0o700));
await events("chmod a watched directory in it", () => fs.chmodSync("d/sub", 0o700));
await events("chmod the directory", () => fs.chmodSync("d", 0o755));
await events("symlink", () => fs.symlinkSync("f", "d/l"));
await events("write through a link", () => fs.appendFileSync("d/l", "y"));
await events("lutimes", () => fs.lutimesSync("d/l", 1, 1));
await events("link", () => fs.linkSync("d/f", "d/hard"));
await events("link elsewhere", () => fs.linkSync("d/f", "e/hard"));
await events("write by the other name", () => fs.appendFileSync("e/hard", "z"));
await events("unlink a link", () => fs.unlinkSync("d/hard"));
await events("unlink the other name", () => fs.unlinkSync("e/hard"));
await events("rename", () => fs.renameSync("d/new", "d/newer"));
await events("rename out", () => fs.renameSync("d/newer", "e/x"));
await events("rename in", () => fs.renameSync("e/x", "d/x2"));
await events("rename over", () => fs.renameSync("d/x2", "d/new2"));
await events("rename to itself", () => fs.renameSync("d/new2", "d/new2"));
await events("rename to another of its names", () => {
  fs.linkSync("d/new2", "d/new3");
  fs.renameSync("d/new2", "d/new3");
});
await events("rename a directory", () => fs.renameSync("d/dir", "d/dir2"));
await events("rename a directory over another", () => {
  fs.mkdirSync("d/dir3");
  fs.renameSync("d/dir2", "d/dir3");
});
await events("rename a directory out", () => fs.renameSync("d/dir3", "e/dir3"));
await events("rmdir of a watched directory", () => fs.rmdirSync("d/sub"));
await events("rename while open", () =>
  withFile("d/o", "r+", (fd) => {
    fs.renameSync("d/o", "d/o2");
    fs.writeSync(fd, "b");
  }),
);
await events("mkdtemp", () => fs.mkdtempSync("e/t-").length);

// what is watched goes
await events("unlink a watched file that is open", () =>
  withFile("g", "r+", (fd) => {
    fs.unlinkSync("g");
    fs.writeSync(fd, "b");
    fs.fchmodSync(fd, 0o600);
  }),
);
await events("make it again", () => fs.writeFileSync("g", "2"));
await events("change it", () => fs.appendFileSync("g", "2"));
const second = watch("G2", "g");
await events("watch it again", () => fs.appendFileSync("g", "2"));
fs.symlinkSync("g", "glink");
watch("G3", "glink");
await events("two watchers of a file", () => fs.appendFileSync("g", "2"));
await events("rename a watched file", () => fs.renameSync("d/f", "e/f"));
await events("write to it", () => fs.appendFileSync("e/f", "1"));
await events("close and write", () => {
  file.close();
  fs.appendFileSync("e/f", "1");
});
await events("write and close one of two", () => {
  fs.appendFileSync("g", "1");
  second.close();
});
fs.writeFileSync("e/r", "1");
watch("R", "e/r");
watch("E", "e");
await events("rename over a watched file", () => {
  fs.writeFileSync("e/r2", "1");
  fs.renameSync("e/r2", "e/r");
});
await events("write to the successor", () => fs.writeFileSync("e/r", "1"));
await events("rename a watched directory", () => {
  fs.renameSync("d", "d9");
  fs.writeFileSync("d9/z", "");
});
fs.mkdirSync("gone");
watch("X", "gone/");
await events("rmdir what is watched", () => fs.rmdirSync("gone"));

// encodings and names
for (const encoding of ["buffer", "hex", "latin1", "base64", "ucs2"]) watch(encoding, "e", { encoding });
await events("encodings", () => {
  fs.writeFileSync("e/é", "");
  fs.writeFileSync(Buffer.from("e/\xff", "latin1"), "1");
});
watch("bytes", Buffer.from("e"));
watch("URL", new URL(`file://${cwd}/e`));
watch("slash", "e/");
watch("dot", ".");
await events("by other names", () => {
  fs.chmodSync("e", 0o700);
  fs.chmodSync(".", 0o755);
});
for (const watcher of open.splice(0)) watcher.close();
await settle();
await events("all closed", () => fs.writeFileSync("e/r", "1"));

// errors
for (const path of ["none", "none/x", "g/x", "", `long/${"n".repeat(300)}`, "nul\0nul"])
  await check(`watch ${path.slice(0, 10)}`, () => fs.watch(path));
fs.symlinkSync("loop", "loop");
await check("watch a loop", () => fs.watch("loop"));
fs.mkdirSync("closed", { mode: 0o300 });
await check("watch what can't be read", () => fs.watch("closed"));
for (const wrong of [1, null, {}, [], undefined]) await check(`watch ${wrong}`, () => fs.watch(wrong));
await check("a wrong encoding", () => fs.watch("e", "nonsense").close());
await check("a wrong signal", () => fs.watch("e", { signal: 1 }).close());
await check("a missing file without an error", () => {
  const watcher = fs.watch("none", { throwIfNoEntry: false });
  watcher.close();
  return watcher instanceof FSWatcher;
});

// the ways out of a watcher
await events("close twice", () => {
  const watcher = watch("C", "e");
  watcher.close();
  watcher.close();
  return watcher._handle;
});
await events("ref and unref", () => {
  const watcher = watch("C", "e", { persistent: false });
  const { _handle: handle } = watcher;
  const states = [handle.hasRef(), watcher.ref() === watcher, handle.hasRef()];
  states.push(watcher.unref() === watcher, handle.hasRef());
  watcher.close();
  return [...states, handle.hasRef(), handle.initialized];
});
await events("an aborted signal", () => {
  const watcher = watch("C", "e", { signal: AbortSignal.abort() });
  return watcher instanceof FSWatcher ? "a watcher" : "none";
});
await events("a signal that aborts", () => {
  const controller = new AbortController();
  watch("C", "e", { signal: controller.signal });
  fs.writeFileSync("e/aborted", "");
  controller.abort();
});
await events("a listener that throws", async () => {
  const watcher = fs.watch("e");
  watcher.on("change", (type, name) => {
    seen.push([type, name]);
    if (seen.length < 3) throw new Error(`thrown for ${name}`);
  });
  const note = (error) => errors.push(error.message);
  process.on("uncaughtException", note);
  for (const name of ["t1", "t2", "t3"]) fs.mkdirSync(`e/${name}`);
  while (seen.length < 3) await new Promise(setImmediate);
  process.off("uncaughtException", note);
  watcher.close();
  return errors.splice(0);
});
await events("ticks and promises between events", async () => {
  const watcher = fs.watch("e");
  let count = 0;
  watcher.on("change", (_type, name) => {
    seen.push(name);
    process.nextTick(() => seen.push(`tick ${name}`));
    Promise.resolve().then(() => seen.push(`promise ${name}`));
    setImmediate(() => count++);
  });
  for (const name of ["s1", "s2"]) fs.mkdirSync(`e/${name}`);
  while (count < 2) await new Promise(setImmediate);
  watcher.close();
});
await events("a watcher closed by an earlier one's event", async () => {
  const first = watch("first", "e");
  const last = watch("last", "e");
  first.on("change", () => last.close());
  for (const name of ["u1", "u2"]) fs.mkdirSync(`e/${name}`);
  while (seen.length < 3) await new Promise(setImmediate);
  first.close();
});
await check("what keeps the process", async () => {
  const names = () => process.getActiveResourcesInfo().filter((name) => /FSEvent|Stat/.test(name));
  const watcher = fs.watch("e");
  fs.watchFile("e/r", () => {});
  const before = names();
  const handles = process._getActiveHandles().map((handle) => handle.constructor.name);
  watcher.close();
  fs.unwatchFile("e/r");
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  return [before, names(), handles.filter((name) => /Watcher/.test(name))];
});

// all below a directory
const recursive = fs.watch("e", { recursive: true });
recursive.on("change", (type, name) => seen.push([type, name]));
await events("recursive", async () => {
  fs.mkdirSync("e/deep/er", { recursive: true });
  await settle();
  fs.writeFileSync("e/deep/er/file", "1");
  await settle();
  fs.writeFileSync("e/deep/er/file", "2");
  await settle();
  fs.rmSync("e/deep", { recursive: true });
});
recursive.close();

// promises
await events("an async iterator", async () => {
  const controller = new AbortController();
  const iterator = fs.promises.watch("e", { signal: controller.signal });
  const found = [];
  const reading = (async () => {
    for await (const event of iterator) {
      found.push([event.eventType, event.filename, Object.keys(event)]);
      if (found.length === 3) controller.abort("enough");
    }
  })();
  for (const name of ["i1", "i2", "i3"]) {
    await new Promise(setImmediate);
    fs.mkdirSync(`e/${name}`);
  }
  const end = await reading.catch((error) => [error.name, error.code, error.cause, error.message]);
  return { found, end };
});
await events("an async iterator that is left", async () => {
  const iterator = fs.promises.watch("e", { encoding: "hex", persistent: false });
  setImmediate(() => fs.mkdirSync("e/left"));
  for await (const event of iterator) return [event.eventType, event.filename];
});
await events("an iterator that overflows", async () => {
  const iterator = fs.promises.watch("e", { maxQueue: 1, overflow: "error" });
  const first = iterator.next();
  for (const name of ["o1", "o2", "o3", "o4"]) fs.mkdirSync(`e/${name}`);
  const results = [await first];
  await settle();
  results.push(await iterator.next().catch((error) => [error.code, error.message]));
  results.push(await iterator.next());
  return results;
});
await check("an iterator of nothing", () => fs.promises.watch("none").next());
await check("an iterator that is aborted", () =>
  fs.promises.watch("e", { signal: AbortSignal.abort("why") }).next(),
);

// asking again and again
const shown = ({ size, nlink, mode, ino, mtimeMs, mtime }) => {
  const time = Number(mtimeMs) > 0;
  return [size, nlink, mode, typeof ino, Number(ino) > 0, time, mtime.getTime() > 0].map(String);
};
for (const bigint of [false, true]) {
  await check(`watchFile, bigint ${bigint}`, async () => {
    fs.writeFileSync("w", "1");
    const found = [];
    let wake;
    const options = { interval: 10, bigint };
    const next = () => new Promise((resolve) => (wake = resolve));
    const watcher = fs.watchFile("w", options, (now, before) => {
      found.push([shown(now), shown(before), now.constructor.name]);
      wake();
    });
    // The first answer is what the others are compared with.
    await new Promise((resolve) => setTimeout(resolve, 40));
    const changes = [
      () => fs.writeFileSync("w", "22"),
      () => fs.chmodSync("w", 0o600),
      () => fs.unlinkSync("w"),
      () => fs.writeFileSync("w", "333"),
    ];
    for (const change of changes) {
      const told = next();
      change();
      await told;
    }
    const stopped = new Promise((resolve) => watcher.once("stop", resolve));
    fs.unwatchFile("w");
    await stopped;
    fs.unlinkSync("w");
    return found;
  });
}
await check("watchFile of nothing", async () => {
  const called = await new Promise((resolve) =>
    fs.watchFile("none", { interval: 10 }, (...stats) => resolve(stats.map(shown))),
  );
  const told = new Promise((resolve) => fs.watchFile("none", { interval: 10 }, resolve));
  fs.writeFileSync("none", "");
  const stats = shown(await told);
  fs.unwatchFile("none");
  fs.unlinkSync("none");
  return [called, stats];
});
await check("a stat watcher", () => {
  const watcher = fs.watchFile("g", { interval: 1000, persistent: false }, () => {});
  const { _handle: handle } = watcher;
  const states = [handle.hasRef(), watcher.ref() === watcher, handle.hasRef(), watcher.constructor.name];
  fs.unwatchFile("g");
  return [...states, watcher._handle];
});
for (const [name, ...args] of [
  ["no listener", "g"],
  ["a wrong name", 1, () => {}],
  ["a wrong interval", "g", { interval: -1 }, () => {}],
  ["no interval", "g", { interval: "1" }, () => {}],
])
  await check(`watchFile with ${name}`, () => fs.watchFile(...args));
marks.close();
