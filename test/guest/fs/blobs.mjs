// Blobs of files.
import { Blob } from "node:buffer";

fs.writeFileSync("b", "hello world ".repeat(20_000));
const blob = await fs.openAsBlob("b", { type: "text/Plain" });
const texts = async (parts) => Promise.all(parts.map((part) => part.text()));

await check("what it is", () => [
  blob.size,
  blob.type,
  blob.constructor === Blob,
  blob instanceof Blob,
  String(blob),
]);
await check("globals", () => [
  Blob === globalThis.Blob,
  blob.constructor === globalThis.Blob,
  new File([], "f") instanceof Blob,
]);
await check("text", async () => (await blob.text()).length);
await check("slices", () =>
  texts([
    blob.slice(6, 17),
    blob.slice(-6),
    blob.slice(10, 30).slice(5, 9),
    blob.slice(5, 5),
    blob.slice(9, 2),
    blob.slice(239_990, 300_000),
  ]),
);
await check("stream", async () => {
  const lengths = [];
  for await (const chunk of blob.stream()) lengths.push(chunk.length);
  return lengths;
});
await check("stream cancelled", async () => {
  const reader = blob.stream().getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return value.length;
});
await check("bytes", async () => [await blob.slice(0, 3).bytes(), (await blob.arrayBuffer()).byteLength]);
await check("joined", () =>
  texts([new Blob(["a", blob.slice(0, 5), new Blob(["in", "ner"]), blob.slice(6, 11), "z"])]),
);
await check("joined and sliced", async () => {
  const joined = new Blob(["abc", blob.slice(0, 5), "xyz"]);
  return [
    joined.size,
    ...(await texts([
      joined.slice(1, 4),
      joined.slice(3, 8),
      joined.slice(7, 10),
      joined.slice(2).slice(3, 7),
    ])),
  ];
});
await check("twice", async () => [new Blob([blob, blob]).size, (await new Blob([blob, blob]).text()).length]);
await check("a file of it", async () => {
  const file = new File([blob.slice(0, 11)], "name", { type: "x/y" });
  return [file.name, file.type, file.size, await file.text()];
});
await check("of memory alone", async () => [
  await new Blob(["a", new Blob(["b"]), new Uint8Array([99])]).text(),
]);
await check("cloned", () => structuredClone(blob));
await check("memory cloned", async () => await structuredClone(new Blob(["m"])).text());
await check("by URL", async () => {
  const url = URL.createObjectURL(blob.slice(0, 5));
  const text = await (await fetch(url)).text();
  URL.revokeObjectURL(url);
  return [text, await fetch(url).catch((error) => error.name)];
});
await check("as a body", async () => await new Response(blob.slice(0, 5)).text());
await check("in a form", async () => {
  const form = new FormData();
  form.set("f", blob.slice(0, 5), "f.txt");
  return (await new Response(form).text()).includes("hello");
});
await check("several at once", () => texts([blob.slice(0, 3), blob.slice(3, 6), blob.slice(6, 9)]));
fs.appendFileSync("b", "x");
await check("changed", () => blob.text());
await check("a slice of what changed", () => blob.slice(0, 2).text());
// Frames of ours, which stacks leave out, still count for how long they may be.
const nameOf = (error) => [error.name, error.message, error.code];
await check("a stream of what changed", () => blob.stream().getReader().read().catch(nameOf));
await check("joined with what changed", () => new Blob(["a", blob]).text().catch(nameOf));
await check("missing", () => fs.openAsBlob("nope"));
await check("unreadable", async () => {
  fs.writeFileSync("u", "secret", { mode: 0 });
  return await (await fs.openAsBlob("u")).text();
});
await check("a directory", async () => await (await fs.openAsBlob(".")).text());
await check("a device", async () => [
  (await fs.openAsBlob("/dev/null")).size,
  await (await fs.openAsBlob("/dev/null")).text(),
]);
await check("removed", async () => {
  fs.writeFileSync("r", "hello");
  const removed = await fs.openAsBlob("r");
  fs.unlinkSync("r");
  return await removed.text();
});
await check("empty", async () => {
  fs.writeFileSync("e", "");
  return [await (await fs.openAsBlob("e")).text(), (await fs.openAsBlob(Buffer.from("e"))).size];
});
await check("wrong type", () => fs.openAsBlob("b", { type: 1 }));
await check("wrong path", () => fs.openAsBlob(1));
