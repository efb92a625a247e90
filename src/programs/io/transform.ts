import type { Transform } from "node:stream";

/** Takes bytes through a stream, a piece at a time: what comes out of it. */
export async function* through(
  chunks: AsyncIterable<Uint8Array>,
  engine: Transform,
): AsyncGenerator<Buffer, void> {
  const fed = feed(chunks, engine);
  try {
    for await (const chunk of engine) yield chunk as Buffer;
  } finally {
    engine.destroy();
    await fed;
  }
}

/** As fast as the stream takes it; what goes wrong destroys the stream. */
async function feed(chunks: AsyncIterable<Uint8Array>, engine: Transform): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (engine.destroyed) return;
      if (!engine.write(chunk)) await drained(engine);
    }
    engine.end();
  } catch (error) {
    engine.destroy(error as Error);
  }
}

function drained(engine: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      engine.off("drain", done);
      engine.off("close", done);
      resolve();
    };
    engine.on("drain", done);
    engine.on("close", done);
  });
}
