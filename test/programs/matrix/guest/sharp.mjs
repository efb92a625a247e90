// needs: sharp, @img/sharp-wasm32
import { createHash } from "node:crypto";
import sharp from "sharp";

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex");
const width = 64;
const pixels = Buffer.from(Array.from({ length: width * width * 3 }, (_, i) => (i * 7) % 256));
const image = sharp(pixels, { raw: { width, height: width, channels: 3 } });
for (const format of ["png", "jpeg", "webp"]) {
  const { data, info } = await image
    .clone()
    .resize(24, 16)
    .rotate(90)
    .toFormat(format)
    .toBuffer({ resolveWithObject: true });
  console.log(format, info, hash(data));
  const { width: w, height: h, format: read } = await sharp(data).metadata();
  console.log(w, h, read);
}
await image.clone().greyscale().blur(2).toFile("grey.png");
console.log(hash(await sharp("grey.png").raw().toBuffer()));
console.log(
  await sharp(Buffer.from("no image"))
    .metadata()
    .catch((error) => error.message),
);
