import { Descriptor, DescriptorError } from "./descriptor.js";

/** What a pipe holds before its writer waits, in bytes. */
const CAPACITY = 64 * 1024;

/** What the two ends of a pipe share. */
class Channel {
  chunks: Buffer[] = [];
  size = 0;
  readable = true;
  writable = true;
  #changed: (() => void)[] = [];

  /** Resolves when something has happened at either end. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#changed.push(resolve));
  }

  tell(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const resolve of waiting) resolve();
  }
}

class ReadEnd extends Descriptor {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    super();
    this.#channel = channel;
  }

  override get carries(): "in" {
    return "in";
  }

  override unread(bytes: Buffer): void {
    const channel = this.#channel;
    if (!channel.readable || bytes.length === 0) return;
    channel.chunks.unshift(bytes);
    channel.size += bytes.length;
    channel.tell();
  }

  override async read(most: number): Promise<Buffer | null> {
    const channel = this.#channel;
    while (channel.size === 0) {
      if (!channel.writable) return null;
      await channel.change();
    }
    const [chunk] = channel.chunks as [Buffer];
    const taken = chunk.subarray(0, most);
    if (taken.length === chunk.length) channel.chunks.shift();
    else channel.chunks[0] = chunk.subarray(taken.length);
    channel.size -= taken.length;
    channel.tell();
    return taken;
  }

  protected override close(): void {
    this.#channel.readable = false;
    this.#channel.chunks = [];
    this.#channel.size = 0;
    this.#channel.tell();
  }
}

class WriteEnd extends Descriptor {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    super();
    this.#channel = channel;
  }

  override get carries(): "out" {
    return "out";
  }

  override async write(bytes: Buffer): Promise<void> {
    const channel = this.#channel;
    if (bytes.length > 0 && channel.readable) {
      channel.chunks.push(bytes);
      channel.size += bytes.length;
      channel.tell();
    }
    while (channel.readable && channel.size > CAPACITY) await channel.change();
    if (!channel.readable) throw new DescriptorError("EPIPE", "Broken pipe");
  }

  protected override close(): void {
    this.#channel.writable = false;
    this.#channel.tell();
  }
}

/** A pipe between commands of this process: the end to read from and the end to write to. */
export function createPipe(): { reader: Descriptor; writer: Descriptor } {
  const channel = new Channel();
  return { reader: new ReadEnd(channel), writer: new WriteEnd(channel) };
}
