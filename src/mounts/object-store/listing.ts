/** A page of a listing of an object store (`ListObjectsV2`, with keys encoded as in URLs). */
export interface ListingPage {
  objects: { key: string; size: number; mtime: number }[];
  /** Beginnings of keys up to the next slash. */
  prefixes: string[];
  /** Where the next page begins; null for the last one. */
  next: string | null;
}

/** Reads the XML of a page. Throws where it isn't one. */
export function parseListing(xml: string): ListingPage {
  if (!/<ListBucketResult[\s>]/.test(xml)) throw new Error("The store's answer is no listing");
  const objects = blocks(xml, "Contents").map((block) => ({
    key: decodeURIComponent(plus(field(block, "Key"))),
    size: Number(field(block, "Size")),
    mtime: Date.parse(field(block, "LastModified")),
  }));
  const prefixes = blocks(xml, "CommonPrefixes").map((block) =>
    decodeURIComponent(plus(field(block, "Prefix"))),
  );
  const next = field(xml, "IsTruncated") === "true" ? field(xml, "NextContinuationToken") : "";
  return { objects, prefixes, next: next === "" ? null : next };
}

function blocks(xml: string, name: string): string[] {
  return xml
    .split(`<${name}>`)
    .slice(1)
    .map((rest) => rest.slice(0, Math.max(0, rest.indexOf(`</${name}>`))));
}

function field(xml: string, name: string): string {
  const start = xml.indexOf(`<${name}>`);
  const end = start === -1 ? -1 : xml.indexOf(`</${name}>`, start);
  return end === -1 ? "" : decoded(xml.slice(start + name.length + 2, end));
}

/** A space is a plus in some stores' keys. */
function plus(text: string): string {
  return text.replaceAll("+", " ");
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replace(/&(#x?[0-9a-f]+|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith("#")) return entities[name] ?? whole;
    const code = name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
