// Whole files, flags, encodings, truncation.
const text = "Grüße, 世界 🎉\n";
fs.mkdirSync("d");

await everyForm("read missing", "readFile", "missing");
await everyForm("read missing as text", "readFile", "missing", "utf8");
await everyForm("read directory", "readFile", "d");
await everyForm("read directory as text", "readFile", "d", "utf8");
await everyForm("write into directory", "writeFile", "d", "x");
await everyForm("write below file", "writeFile", "missing/x", "x");
await everyForm("append to directory", "appendFile", "d", "x");
await everyForm("truncate missing", "truncate", "missing", 3);
await everyForm("copy missing", "copyFile", "missing", "copy");
await everyForm("copy directory", "copyFile", "d", "copy");

for (const encoding of [
  "utf8",
  "latin1",
  "utf16le",
  "hex",
  "base64",
  "ascii",
  "binary",
  "base64url",
  "ucs2",
]) {
  await check(`write as ${encoding}`, () => {
    const data = encoding === "hex" ? "deadbeef" : text;
    fs.writeFileSync("enc", data, encoding);
    return fs.readFileSync("enc");
  });
  await check(`read as ${encoding}`, () => fs.readFileSync("enc", encoding));
  await check(`read as ${encoding} callback`, () => call(fs.readFile, "enc", encoding));
  await check(`read as ${encoding} promise`, () => fs.promises.readFile("enc", encoding));
}
await check("lone surrogate", () => [fs.writeFileSync("s", "a\ud800b"), fs.readFileSync("s")]);
await check("byte order mark", () => [fs.writeFileSync("s", "\ufeffx"), fs.readFileSync("s", "utf8").length]);
await check("bad UTF-8", () => [
  fs.writeFileSync("s", Buffer.from([0x61, 0xff, 0x62])),
  fs.readFileSync("s", "utf8"),
]);
await check("empty", () => [
  fs.writeFileSync("s", ""),
  fs.readFileSync("s"),
  fs.readFileSync("s", "utf8"),
  fs.statSync("s").size,
]);
for (const size of [
  1, 4095, 4096, 8192, 21845, 21846, 65535, 65536, 65537, 200000, 524288, 524289, 1500000,
]) {
  const body = "é".repeat(size);
  await check(`${size} characters`, async () => {
    fs.writeFileSync("big", body);
    const same = [fs.readFileSync("big", "utf8") === body, fs.readFileSync("big").length];
    await fs.promises.writeFile("big2", body);
    same.push(
      (await fs.promises.readFile("big2", "utf8")) === body,
      (await fs.promises.readFile("big2")).length,
    );
    same.push((await call(fs.readFile, "big2"))[1].equals(fs.readFileSync("big")));
    return same;
  });
}
for (const flag of ["r", "r+", "rs+", "w", "wx", "w+", "wx+", "a", "ax", "a+", "ax+", "xa", "sr", "zz"]) {
  for (const name of ["present", "absent"]) {
    await check(`flag ${flag} ${name}`, () => {
      fs.rmSync(name, { force: true });
      if (name === "present") fs.writeFileSync(name, "12345");
      const fd = fs.openSync(name, flag);
      try {
        const answers = [];
        try {
          answers.push(fs.writeSync(fd, "AB"));
        } catch (error) {
          answers.push(error.code);
        }
        try {
          const bytes = Buffer.alloc(10);
          answers.push(fs.readSync(fd, bytes, 0, 10, 0), bytes.toString("latin1"));
        } catch (error) {
          answers.push(error.code);
        }
        return [answers, fs.readFileSync(name, "utf8")];
      } finally {
        fs.closeSync(fd);
      }
    });
    await check(`write with ${flag} ${name}`, () => {
      fs.rmSync(name, { force: true });
      if (name === "present") fs.writeFileSync(name, "12345");
      fs.writeFileSync(name, "new", { flag });
      return fs.readFileSync(name, "utf8");
    });
    await check(`read with ${flag} ${name}`, () => {
      fs.rmSync(name, { force: true });
      if (name === "present") fs.writeFileSync(name, "12345");
      return [fs.readFileSync(name, { flag, encoding: "utf8" }), fs.existsSync(name)];
    });
    await check(`promise read with ${flag} ${name}`, async () => {
      fs.rmSync(name, { force: true });
      if (name === "present") fs.writeFileSync(name, "12345");
      return [await fs.promises.readFile(name, { flag }), fs.existsSync(name)];
    });
  }
}
await check("numeric flags", () => {
  const { O_CREAT, O_WRONLY, O_EXCL, O_APPEND, O_TRUNC, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
  const open = (...args) => {
    try {
      fs.closeSync(fs.openSync(...args));
      return "ok";
    } catch (error) {
      return error.code;
    }
  };
  fs.symlinkSync("s", "s-link");
  return [
    open("nf", O_CREAT | O_WRONLY | O_EXCL),
    open("nf", O_CREAT | O_WRONLY | O_EXCL),
    open("nf", O_WRONLY | O_APPEND | O_TRUNC),
    open("nf", O_DIRECTORY),
    open("d", O_DIRECTORY),
    open("d", O_WRONLY),
    open("s-link", O_NOFOLLOW),
    open("s-link", O_CREAT | O_EXCL | O_WRONLY),
  ];
});
await check("append", () => {
  fs.writeFileSync("a", "1");
  fs.appendFileSync("a", "2");
  fs.appendFileSync("a", Buffer.from("3"));
  return fs.readFileSync("a", "utf8");
});
await check("append promise", async () => [
  await fs.promises.appendFile("a", "4"),
  fs.readFileSync("a", "utf8"),
]);
await check("append callback", async () => [
  await call(fs.appendFile, "a", "5"),
  fs.readFileSync("a", "utf8"),
]);
for (const length of [0, 2, 5, 10]) {
  await check(`truncate to ${length}`, () => {
    fs.writeFileSync("t", "12345");
    fs.truncateSync("t", length);
    return fs.readFileSync("t");
  });
}
await check("truncate promise", async () => [
  await fs.promises.truncate("t", 1),
  fs.readFileSync("t", "utf8"),
]);
await check("truncate negative", () => fs.ftruncateSync(fs.openSync("t", "r+"), -1));
await check("truncate read-only", () => fs.ftruncateSync(fs.openSync("t", "r"), 1));
await check("copy", () => [fs.copyFileSync("a", "b"), fs.readFileSync("b", "utf8")]);
await check("copy over", () => [
  fs.writeFileSync("a", "zz"),
  fs.copyFileSync("a", "b"),
  fs.readFileSync("b", "utf8"),
]);
await everyForm("copy exclusive", "copyFile", "a", "b", fs.constants.COPYFILE_EXCL);
await check("copy onto itself", () => [fs.copyFileSync("a", "a"), fs.readFileSync("a", "utf8")]);
await check("copy into directory", () => fs.copyFileSync("a", "d"));
await check("copy bad mode", () => fs.copyFileSync("a", "b", 99));
await check("copy keeps the mode", () => [
  fs.chmodSync("a", 0o640),
  fs.copyFileSync("a", "c"),
  fs.statSync("c").mode.toString(8),
]);
await check("sparse", () => {
  const fd = fs.openSync("sparse", "w+");
  fs.writeSync(fd, "end", 100000);
  fs.closeSync(fd);
  const bytes = fs.readFileSync("sparse");
  return [bytes.length, bytes.subarray(0, 100000).every((byte) => byte === 0), bytes.subarray(100000)];
});
await check("array buffer views", () => {
  fs.writeFileSync("v", new Float64Array([1, 2]));
  const first = fs.readFileSync("v");
  fs.writeFileSync("v", new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2));
  return [first, fs.readFileSync("v")];
});
await check("flush", () => [fs.writeFileSync("v", "x", { flush: true }), fs.readFileSync("v", "utf8")]);
await check("flush promise", () => fs.promises.writeFile("v", "x", { flush: true }));
await check("mode of new file", () => [
  fs.writeFileSync("m", "x", { mode: 0o777 }),
  fs.statSync("m").mode.toString(8),
]);
await check("mode of existing file", () => [
  fs.writeFileSync("m", "x", { mode: 0o600 }),
  fs.statSync("m").mode.toString(8),
]);
await check("aborted before", () =>
  fs.promises.readFile("m", { signal: AbortSignal.abort() }).catch((e) => [e.name, e.code]),
);
await check("aborted during", () => {
  const controller = new AbortController();
  const reading = fs.promises.readFile("m", { signal: controller.signal });
  controller.abort();
  return reading.catch((e) => [e.name, e.code]);
});
await check("aborted callback", () => {
  const controller = new AbortController();
  const reading = call(fs.readFile, "m", { signal: controller.signal });
  controller.abort();
  return reading.then(([e]) => [e.name, e.code]);
});
await check("read of own buffer", () => fs.readFileSync("m", { buffer: Buffer.alloc(10) }));
await check("unreadable", () => [fs.chmodSync("m", 0), fs.readFileSync("m")]);
await check("unreadable as text", () => fs.readFileSync("m", "utf8"));
await check("unwritable", () => fs.writeFileSync("m", "x"));

await check("a patched function is what others call", async () => {
  const called = [];
  for (const name of ["openSync", "closeSync", "fsyncSync", "writeFileSync", "open", "close", "write"]) {
    const original = fs[name];
    fs[name] = function patched(...args) {
      called.push(name);
      return original.apply(this, args);
    };
    fs[name].restore = () => {
      fs[name] = original;
    };
  }
  fs.writeFileSync("patched", "data", { flush: true });
  fs.appendFileSync("patched", "more", "latin1");
  await call(fs.writeFile, "patched", "data");
  for (const name of called) fs[name].restore?.();
  return called;
});
