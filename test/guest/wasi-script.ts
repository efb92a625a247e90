/** A program that asks WASI for everything, with right and wrong arguments, and prints the answers. */
export const wasiScript = `
import fs from "node:fs";
import { WASI } from "node:wasi";
fs.mkdirSync("sand/sub", { recursive: true });
fs.mkdirSync("elsewhere", { recursive: true });
fs.writeFileSync("sand/file", "0123456789");
fs.writeFileSync("outside", "secret");
fs.symlinkSync("file", "sand/link");
fs.symlinkSync("../outside", "sand/escape");
fs.symlinkSync("/s/file", "sand/absolute");
fs.symlinkSync("/nowhere/passwd", "sand/passwd");
fs.symlinkSync("loop", "sand/loop");
const show = (label, f) => {
  let answer;
  try { answer = f() } catch (error) { answer = [error.name, error.code, error.message, error.errno, error.syscall] }
  console.log(label, JSON.stringify(answer, (_, value) => typeof value === "bigint" ? String(value) : value));
};
const make = (options) => new WASI({ version: "preview1", ...options });
show("version", () => new WASI({ version: "x" }));
show("no directory", () => make({ preopens: { "/x": "nonexistent" } }));
show("no directory but a file", () => make({ preopens: { "/x": "outside" } }));
show("no descriptor", () => make({ stdin: 99 }));
show("names", () => Object.keys(make().wasiImport).sort());
show("unstable", () => Object.keys(new WASI({ version: "unstable" }).getImportObject()));
const memory = new WebAssembly.Memory({ initial: 1 });
const early = make().wasiImport;
show("before the start", () => early.args_sizes_get(0, 4));
show("before the start, wrong", () => early.args_sizes_get());
show("yield before the start", () => early.sched_yield());
show("no memory", () => make().start({ exports: { _start() {} } }));
show("a wrong memory", () => make().start({ exports: { memory: { buffer: new ArrayBuffer(8) }, _start() {} } }));
const open = fs.openSync("sand/file", "r+");
const wasi = make({ args: ["a", "bc", "é"], env: { X: "1", Y: undefined, Z: "é" }, preopens: { "/s": "sand", ".": "sand", "rel/": "sand/sub" }, stdin: open });
wasi.initialize({ exports: { memory } });
const w = wasi.wasiImport;
const bytes = Buffer.from(memory.buffer);
const hex = (at, length) => bytes.toString("hex", at, at + length);
const put = (text, at = 1000) => (bytes.fill(0, at, at + 600), [at, bytes.write(text, at)]);
for (const [label, args] of [["right", [0, 4]], ["few", [0]], ["many", [0, 4, 5]], ["negative", [-1, 4]], ["text", ["0", 4]], ["half", [0.5, 4]], ["outside", [65536, 4]], ["across", [65533, 4]], ["around", [4294967295, 4]], ["too large", [2 ** 32, 4]], ["nothing", [NaN, 4]], ["bigint", [0n, 4]]])
  show("sizes " + label, () => w.args_sizes_get(...args));
show("arguments", () => [w.args_get(0, 100), hex(0, 12), hex(100, 10), w.args_get(65530, 0), w.args_get(0, 65530)]);
show("environment", () => [w.environ_sizes_get(0, 4), hex(0, 8), w.environ_get(0, 100), hex(0, 8), hex(100, 10)]);
show("clocks", () => [0, 1, 2, 4].map((clock) => [w.clock_res_get(clock, 0), w.clock_time_get(clock, 1n, 8), w.clock_time_get(clock, 1, 8)]));
show("advise", () => [0, 5, 6, 256].map((advice) => [w.fd_advise(0, 0n, 0n, advice), w.fd_advise(3, 0n, 0n, advice), w.fd_advise(99, 0n, 0n, advice)]));
show("fdstat", () => [0, 3, 4, 9].map((fd) => [w.fd_fdstat_get(fd, 64), hex(64, 24)]));
show("prestat", () => [3, 4, 5, 0, 9].map((fd) => [w.fd_prestat_get(fd, 0), hex(0, 8), w.fd_prestat_dir_name(fd, 0, 1), w.fd_prestat_dir_name(fd, 0, 4), hex(0, 4)]));
show("seek", () => [[3n, 0], [3n, 1], [-1n, 2], [-99n, 0], [0n, 3], [2n ** 62n, 0], [0n, 256]].map(([offset, whence]) => [w.fd_seek(0, offset, whence, 0), w.fd_tell(0, 8), hex(8, 8)]));
show("seek elsewhere", () => [w.fd_seek(3, 0n, 0, 0), w.fd_tell(3, 0), w.fd_seek(9, 0n, 0, 0), w.fd_seek(0, 0, 0, 0)]);
const iovs = (...list) => { list.forEach(([at, length], i) => { bytes.writeUInt32LE(at, 500 + i * 8); bytes.writeUInt32LE(length, 504 + i * 8) }); return [500, list.length] };
show("read", () => [w.fd_seek(0, 0n, 0, 0), w.fd_read(0, ...iovs([600, 3], [0, 0], [700, 4]), 0), hex(0, 4), hex(600, 4), hex(700, 4)]);
show("read nothing", () => [w.fd_read(0, 500, 0, 0), hex(0, 4), w.fd_read(0, ...iovs([65530, 10]), 0), w.fd_read(0, 65535, 1, 0), w.fd_read(0, 500, 1, 65535), w.fd_read(3, ...iovs([0, 1]), 0), w.fd_read(99, ...iovs([0, 1]), 0)]);
show("pread", () => [w.fd_pread(0, ...iovs([600, 3]), 5n, 0), hex(600, 3), w.fd_pread(0, ...iovs([600, 3]), 2n ** 63n, 0), w.fd_pread(0, ...iovs([600, 3]), 100n, 0), hex(0, 4), w.fd_pread(0, ...iovs([600, 3]), 5, 0)]);
show("write", () => [put("abcdef"), w.fd_pwrite(0, ...iovs([1000, 2], [1002, 2]), 1n, 0), hex(0, 4), w.fd_write(0, ...iovs([1004, 2]), 0), fs.readFileSync("sand/file", "latin1")]);
show("size", () => [w.fd_filestat_set_size(0, 12n), w.fd_allocate(0, 0n, 14n), w.fd_allocate(0, 0n, 0n), w.fd_filestat_set_size(3, 0n), w.fd_allocate(3, 0n, 1n), fs.statSync("sand/file").size]);
show("sync", () => [w.fd_sync(0), w.fd_datasync(0), w.fd_sync(3), w.fd_datasync(3), w.fd_sync(99)]);
const stat = () => [bytes[16], hex(24, 16), bytes.readBigUInt64LE(40) / 1000000000n > 5n];
show("fd stat", () => [w.fd_filestat_get(0, 0), stat(), w.fd_filestat_get(3, 0), bytes[16], w.fd_filestat_get(99, 0), w.fd_filestat_get(0, 65500)]);
show("times", () => [w.fd_filestat_set_times(0, 5000000000n, 7000000000n, 5), fs.statSync("sand/file").atimeMs, fs.statSync("sand/file").mtimeMs, w.fd_filestat_set_times(0, 9000000000n, 0n, 1), fs.statSync("sand/file").mtimeMs, w.fd_filestat_set_times(0, 0n, 0n, 3), w.fd_filestat_set_times(0, 0n, 0n, 16)]);
const paths = ["file", "sub", "sub/", "none", "none/", "/s/file", "/", "..", "../outside", "sub/../../outside", "sub/../file", ".", "./", "", "a\\0b", "file\\0", "link", "escape", "absolute", "passwd", "loop", "file/", "file/x", "sub/../..", "../sand/file", "x".repeat(300), "s//b", "sub/./../file"];
for (const fd of [3, 4])
  for (const follow of [0, 1]) {
    show("stat " + fd + follow, () => paths.map((path) => [w.path_filestat_get(fd, follow, ...put(path), 0), bytes[16]]));
    show("open " + fd + follow, () => paths.map((path) => { const errno = w.path_open(fd, follow, ...put(path), 0, 2n, 0n, 0, 0); return errno === 0 ? [0, bytes.readUInt32LE(0), w.fd_close(bytes.readUInt32LE(0))] : errno }));
  }
show("stat below", () => ["x", "../file", "..", "."].map((path) => w.path_filestat_get(5, 0, ...put(path), 0)));
for (const name of ["path_create_directory", "path_remove_directory", "path_unlink_file"])
  show(name, () => ["new", "new", "new/deep/er", "file", "sub", "../x", "/s/x", "", "none", "."].map((path) => w[name](3, ...put(path))).concat(w[name](0, ...put("x")), w[name](99, ...put("x")), w[name](3, 65535, 2)));
fs.writeFileSync("sand/file", "0123456789");
fs.mkdirSync("sand/sub", { recursive: true });
show("kinds of opening", () => [[0, 0n], [1, 0x42n], [1, 2n], [5, 2n], [2, 0x4000n], [2, 2n], [8, 0x42n], [0, 1n << 40n], [0, 0x1fffffffn], [0, 1n]].map(([oflags, rights]) => [w.path_open(3, 0, ...put(oflags === 2 ? "sub" : "created"), oflags, rights, 0n, 0, 0), w.fd_fdstat_get(bytes.readUInt32LE(0), 64), hex(64, 24)]));
show("opening in what is no directory", () => [w.path_open(0, 0, ...put("x"), 0, 2n, 0n, 0, 0), w.path_open(99, 0, ...put("x"), 0, 2n, 0n, 0, 0), w.path_open(3, 0, ...put("file"), 2, 2n, 0n, 0, 0)]);
show("appending", () => { const errno = w.path_open(3, 0, ...put("file"), 0, 0x42n, 0n, 1, 0); const fd = bytes.readUInt32LE(0); put("END", 1000); return [errno, w.fd_pwrite(fd, ...iovs([1000, 3]), 0n, 0), w.fd_write(fd, ...iovs([1000, 3]), 0), w.fd_seek(fd, 0n, 0, 8), w.fd_close(fd), w.fd_close(fd), fs.readFileSync("sand/file", "latin1")] });
show("flags", () => { w.path_open(3, 0, ...put("file"), 0, 0x4an, 0n, 0, 0); const fd = bytes.readUInt32LE(0); return [w.fd_fdstat_set_flags(fd, 1), w.fd_fdstat_get(fd, 64), hex(64, 4), w.fd_fdstat_set_flags(fd, 0), w.fd_fdstat_get(fd, 64), hex(64, 4), w.fd_close(fd)] });
show("rights", () => { w.path_open(3, 0, ...put("file"), 0, 0x42n, 0n, 0, 0); const fd = bytes.readUInt32LE(0); return [w.fd_fdstat_set_rights(fd, 0x4n, 0n), w.fd_fdstat_set_rights(fd, 2n, 0n), w.fd_write(fd, ...iovs([0, 1]), 0), w.fd_fdstat_set_rights(fd, 0x42n, 0n), w.fd_close(fd)] });
show("links", () => [["/abs", "l1"], ["../x", "l2"], ["file", "l3"], ["file", "l3"], ["nothing", "sub/l4"], ["", "l5"], ["sub/../../y", "l6"]].map(([a, b]) => w.path_symlink(...put(a, 1000), 3, ...put(b, 3000))));
show("reading links", () => [w.path_readlink(3, ...put("l3"), 0, 10, 100), hex(0, 5), w.path_readlink(3, ...put("l3"), 0, 4, 100), w.path_readlink(3, ...put("file"), 0, 10, 100), w.path_readlink(3, ...put("passwd"), 0, 100, 200), w.path_readlink(3, ...put("../outside"), 0, 10, 100)]);
show("hard links", () => [["file", "hard"], ["file", "hard"], ["../outside", "stolen"], ["file", "../given"], ["escape", "stolen"], ["none", "x"]].map(([a, b]) => [w.path_link(3, 0, ...put(a, 1000), 3, ...put(b, 3000)), w.path_link(3, 1, ...put(a, 1000), 4, ...put(b, 3000))]));
show("names", () => [["hard", "moved"], ["moved", "../gone"], ["../outside", "here"], ["none", "x"], ["moved", "sub"], ["moved", "sub/in"]].map(([a, b]) => w.path_rename(3, ...put(a, 1000), 4, ...put(b, 3000))));
show("times of paths", () => [w.path_filestat_set_times(3, 0, ...put("file"), 5000000000n, 7000000000n, 5), fs.statSync("sand/file").mtimeMs, w.path_filestat_set_times(3, 0, ...put("none"), 0n, 0n, 5), w.path_filestat_set_times(3, 1, ...put("escape"), 0n, 0n, 5)]);
show("a directory", () => { const names = []; let cookie = 0n; for (let i = 0; i < 30; i++) { const errno = w.fd_readdir(3, 4000, 60, cookie, 0); const used = bytes.readUInt32LE(0); if (errno !== 0 || used < 24) return [errno, names.sort()]; const length = bytes.readUInt32LE(4016); if (24 + length <= used) names.push([bytes.toString("latin1", 4024, 4024 + length), bytes[4020]]); cookie = bytes.readBigUInt64LE(4000) } return names.sort() });
show("a directory, wrong", () => [w.fd_readdir(0, 0, 100, 0n, 200), w.fd_readdir(3, 65500, 100, 0n, 0), w.fd_readdir(3, 0, 100, 999n, 200), hex(200, 4)]);
show("numbers", () => { w.path_open(3, 0, ...put("file"), 0, 2n, 0n, 0, 0); const fd = bytes.readUInt32LE(0); return [fd, w.fd_renumber(fd, 99), w.fd_renumber(99, fd), w.fd_renumber(fd, fd), w.fd_renumber(fd, 5), w.fd_filestat_get(fd, 0), w.fd_filestat_get(5, 0), w.fd_close(5), w.path_open(3, 0, ...put("file"), 0, 2n, 0n, 0, 0), bytes.readUInt32LE(0)] });
show("signals", () => [w.proc_raise(0), w.proc_raise(27), w.proc_raise(99), w.proc_raise(16)]);
show("sockets", () => [w.sock_accept(3, 0, 0), w.sock_accept(3, 1, 0), w.sock_recv(3, 500, 1, 0, 0, 0), w.sock_recv(3, 500, 0, 0, 0, 0), w.sock_send(3, 500, 1, 0, 0), w.sock_shutdown(3, 0), w.sock_shutdown(3, 2), w.sock_shutdown(3, 1), w.sock_shutdown(99, 0)]);
show("chance", () => [w.random_get(100, 8), hex(100, 8) !== "0000000000000000", w.random_get(0, 0), w.random_get(65535, 2)]);
show("polling", () => [w.poll_oneoff(0, 0, 0, 0), w.poll_oneoff(65500, 0, 1, 0), (bytes.fill(0, 100, 200), bytes.writeBigUInt64LE(7n, 100), bytes.writeBigUInt64LE(1000000n, 124), w.poll_oneoff(100, 300, 1, 0)), hex(0, 4), hex(300, 11), (bytes[108] = 9, w.poll_oneoff(100, 300, 1, 0)), (bytes[108] = 1, bytes.writeUInt32LE(77, 116), w.poll_oneoff(100, 300, 1, 0)), hex(300, 11)]);
show("a larger memory", () => { memory.grow(1); return [w.args_sizes_get(65536, 65540), Buffer.from(memory.buffer).toString("hex", 65536, 65544)] });
console.log(fs.readFileSync("outside", "latin1"), fs.readdirSync("sand").sort(), fs.readdirSync("elsewhere"));
const exits = make({ returnOnExit: true });
show("an exit", () => { const { proc_exit } = exits.wasiImport; return exits.start({ exports: { memory, _start() { proc_exit(7) } } }) });
show("twice", () => exits.start({ exports: { memory, _start() {} } }));
make({ returnOnExit: false }).start({ exports: { memory, _start: () => { const last = make({ returnOnExit: false }); last.initialize({ exports: { memory } }); last.wasiImport.proc_exit(9) } } });
`;
