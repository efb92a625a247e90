// A program that has replaced what prototypes hold: files work on, and nothing of the machine's shows.
const caught = new Set();
let looking = false;
function look(value) {
  // What this uses is replaced as well.
  if (looking || typeof value !== "object" || value === null) return;
  looking = true;
  if (value instanceof SharedArrayBuffer) caught.add("SharedArrayBuffer");
  if (ArrayBuffer.isView(value) && byteBuffer.call(value) instanceof SharedArrayBuffer)
    caught.add("shared view");
  if (value.constructor?.name === "MessagePort") caught.add("MessagePort");
  looking = false;
}
const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
const byteBuffer = Object.getOwnPropertyDescriptor(typedArray, "buffer").get;
const put = [];
const { apply } = Reflect;
const { getOwnPropertyNames, getOwnPropertyDescriptor, defineProperty } = Object;

function spy(prototype, keep) {
  for (const name of getOwnPropertyNames(prototype)) {
    const descriptor = getOwnPropertyDescriptor(prototype, name);
    if (name === "constructor" || keep.includes(name) || !descriptor.configurable) continue;
    for (const kind of ["value", "get", "set"]) {
      const original = descriptor[kind];
      if (typeof original !== "function") continue;
      descriptor[kind] = function (...args) {
        look(this);
        for (let i = 0; i < args.length; i++) look(args[i]);
        return apply(original, this, args);
      };
    }
    put.push([prototype, name, getOwnPropertyDescriptor(prototype, name)]);
    defineProperty(prototype, name, descriptor);
  }
}
function restore() {
  for (let i = 0; i < put.length; i++) defineProperty(put[i][0], put[i][1], put[i][2]);
}

async function work() {
  const found = [];
  fs.mkdirSync("d/e", { recursive: true });
  fs.writeFileSync("d/f", "text");
  fs.writeFileSync("d/b", Buffer.from("bytes"));
  fs.appendFileSync("d/f", "é");
  found.push(fs.readFileSync("d/f", "utf8"), fs.readFileSync("d/b").length, fs.readFileSync("d/f", "latin1"));
  found.push(
    fs.statSync("d/f").size,
    fs.existsSync("d/x"),
    fs.readdirSync("d"),
    fs.readdirSync("d", { recursive: true }),
  );
  found.push(fs.statSync("d/f", { bigint: true }).size === 6n, fs.statfsSync(".").bsize > 0);
  const fd = fs.openSync("d/f", "r+");
  fs.writeSync(fd, Buffer.from("T"), 0, 1, 0);
  fs.writevSync(fd, [Buffer.from("1"), Buffer.from("2")], 2);
  const bytes = Buffer.alloc(8);
  found.push(fs.readSync(fd, bytes, 0, 8, 0), fs.readvSync(fd, [Buffer.alloc(2)], 0));
  fs.closeSync(fd);
  fs.symlinkSync("f", "d/l");
  found.push(fs.readlinkSync("d/l"), fs.realpathSync.native("d/l").endsWith("d/f"));
  fs.cpSync("d", "copy", { recursive: true });
  fs.renameSync("copy", "moved");
  fs.utimesSync("d/f", 1, 2);
  fs.chmodSync("d/f", 0o600);
  const dir = fs.opendirSync("d");
  dir.readSync();
  dir.closeSync();
  fs.rmSync("moved", { recursive: true });
  try {
    fs.readFileSync("missing");
  } catch (error) {
    found.push(error.message);
  }
  found.push((await fs.promises.readFile("d/f", "utf8")).length, (await fs.promises.stat("d")).isDirectory());
  const handle = await fs.promises.open("d/f");
  found.push((await handle.read(Buffer.alloc(2), 0, 2, 0)).bytesRead);
  await handle.close();
  await new Promise((resolve) => fs.writeFile("d/g", "x", resolve));
  found.push(await new Promise((resolve) => fs.readFile("d/g", (_error, data) => resolve(data.length))));
  for await (const entry of await fs.promises.opendir("d")) found.push(entry.name.length);
  process.stderr.write("");
  return found;
}

await check("with everything replaced", async () => {
  const { MessageChannel } = globalThis;
  const plain = [
    Array,
    Map,
    Set,
    WeakMap,
    Function,
    Promise,
    RegExp,
    String,
    ArrayBuffer,
    SharedArrayBuffer,
    Uint8Array,
    Float64Array,
    BigInt64Array,
    Int32Array,
    Uint32Array,
    Buffer,
    Error,
    Date,
    Number,
    BigInt,
    MessageChannel,
    DataView,
  ];
  for (const type of plain) spy(type.prototype, []);
  spy(typedArray, []);
  spy(EventTarget.prototype, []);
  spy(MessagePort.prototype, []);
  spy(Object.getPrototypeOf(MessagePort.prototype), []);
  spy(Atomics, []);
  spy(Reflect, ["apply", "getPrototypeOf"]);
  spy(JSON, []);
  spy(Math, []);
  try {
    return await work();
  } finally {
    restore();
  }
});
await check("what was seen", () => [...caught]);
await check("setters for names and indices", () => {
  const seen = [];
  for (const name of ["errno", "next", "deliver", "resource", "buffer", "port1", "file", "disk"]) {
    defineProperty(Object.prototype, name, {
      configurable: true,
      set(value) {
        look(value);
        seen.push(name);
        defineProperty(this, name, { value, configurable: true, writable: true, enumerable: true });
      },
    });
  }
  try {
    fs.writeFileSync("s", "x");
    const size = fs.readFileSync("s").length;
    let code;
    try {
      fs.readFileSync("missing");
    } catch (error) {
      code = error.code;
    }
    return [size, code, [...caught]];
  } finally {
    for (const name of ["errno", "next", "deliver", "resource", "buffer", "port1", "file", "disk"])
      delete Object.prototype[name];
  }
});
await check("no frames of a file call show anything", () => {
  const seen = [];
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, sites) => {
    for (const site of sites) {
      look(site.getThis?.());
      seen.push(String(site.getFileName()).startsWith("node:internal/process/secure") ? "boot" : "");
    }
    return "";
  };
  try {
    fs.readFileSync("missing");
  } catch (error) {
    void error.stack;
  } finally {
    Error.prepareStackTrace = before;
  }
  return [[...caught], seen.includes("boot")];
});
