import type { DiskMemory } from "../../disk/disk.js";
import { S_STALE } from "../../disk/layout.js";
import { MountDisk } from "../../disk/mount/mount-disk.js";
import { EIO, ENOENT, ENOSPC, ENOTDIR } from "../../syscall/errno.js";
import type {
  ChangedMessage,
  MountDescription,
  MountedMessage,
  MountLink,
  MountMessage,
} from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import type { HostConnection } from "../host-call.js";
import { Filling } from "./filling.js";
import { makeMountPoint } from "./mount-point.js";

/** Requests that the host has at a time; it takes no more. */
const REQUESTS = 32;

/** What is asked of the host, and who waits for it. */
interface Request {
  readonly message: MountMessage;
  readonly promise: Promise<number>;
  readonly resolve: (result: number) => void;
}

/** Brings what is mounted onto the disk: asks the host, and puts its answers where they belong. */
export class Mounts {
  readonly #access: DiskAccess;
  readonly #connection: HostConnection;
  readonly #filling: Filling;
  readonly #places: MountDisk;
  readonly #words: Int32Array;
  readonly #known = new Set<number>();
  /** By mount and path: who asks for the same waits for the same. */
  readonly #asked = new Map<string, Request>();
  readonly #numbered = new Map<number, Request>();
  readonly #waiting: Request[] = [];
  /** Directories that may have other names by now, or other files. */
  #stale: { mount: number; path: string }[] = [];
  #settling: Promise<void> | null = null;
  #lastRequest = 0;

  constructor(memory: DiskMemory, access: DiskAccess, connection: HostConnection) {
    this.#access = access;
    this.#connection = connection;
    this.#places = new MountDisk(memory, access.owner, { uid: 0, gid: 0, umask: 0, cwd: 1 }, access.patience);
    this.#filling = new Filling(memory, access);
    this.#words = new Int32Array(memory.buffer, memory.byteOffset, S_STALE + 1);
  }

  /** Makes the directories that are mounted on, and believes nothing that an earlier machine has brought. */
  async mount(descriptions: readonly MountDescription[], links: readonly MountLink[]): Promise<void> {
    const disk = this.#places;
    Atomics.store(this.#words, S_STALE, 0);
    await this.#access.attempt(() => disk.doubtAll());
    for (const description of descriptions) {
      this.#filling.add(description.id, await makeMountPoint(this.#access, disk, description));
      this.#known.add(description.id);
    }
    for (const { path, target } of links) await this.#access.attempt(() => disk.symlink(target, path));
  }

  /** `SYS_BRING`: above 0 when the caller may look again, or a negative errno. */
  async bring(inode: number, name: number, way: string): Promise<number> {
    if (inode === 0) return (await this.#access.makeRoom()) ? 1 : -ENOSPC;
    if (this.#stale.length > 0 || this.#settling !== null) {
      await this.#settle();
      return 1;
    }
    for (;;) {
      const place = await this.#placeOf(inode, name);
      if (place === 0) return 1;
      // What is left of a mount that is no more.
      if (typeof place === "number" || !this.#known.has(place.mount)) return -ENOENT;
      // It may be on its way.
      const ahead = this.#filling.ahead(place.mount);
      if (ahead === undefined) return await this.#fetch(place, name === 0 ? "names" : "content", way);
      await ahead.more();
    }
  }

  /** Where something is that somebody lacks; 0 if nobody lacks it any more. */
  async #placeOf(inode: number, name: number): Promise<{ mount: number; path: string } | number> {
    const disk = this.#places;
    return await this.#access.attempt(() => {
      const length = disk.placeOf(inode, name);
      if (length <= 0) return length;
      return { mount: disk.mountId, path: Buffer.from(disk.result.subarray(1, length)).toString() };
    });
  }

  async #fetch(
    { mount, path }: { mount: number; path: string },
    want: MountMessage["want"],
    way: string,
  ): Promise<number> {
    const result = await this.#ask(mount, want, path, way);
    if ((result !== -ENOENT && result !== -ENOTDIR) || path === "") return result;
    // It has gone: the directory that names it has to be looked at again.
    await this.#filling.doubt(mount, parentOf(path));
    return 1;
  }

  /** See `MountDisk`. */
  forgetContents(from: number): number {
    return this.#places.forgetContents(from);
  }

  #ask(mount: number, want: MountMessage["want"], path: string, ahead: string): Promise<number> {
    const key = `${mount}:${want}:${path}`;
    const asked = this.#asked.get(key);
    if (asked !== undefined) return asked.promise;
    const message: MountMessage = { type: "mount", request: ++this.#lastRequest, mount, want, path, ahead };
    let resolve: (result: number) => void = () => undefined;
    const promise = new Promise<number>((settle) => {
      resolve = settle;
    });
    const request: Request = {
      message,
      promise,
      resolve: (result) => {
        if (this.#asked.get(key) === request) this.#asked.delete(key);
        resolve(result);
      },
    };
    this.#asked.set(key, request);
    this.#waiting.push(request);
    this.#send();
    return promise;
  }

  #send(): void {
    while (this.#numbered.size < REQUESTS) {
      const request = this.#waiting.shift();
      if (request === undefined) return;
      this.#numbered.set(request.message.request, request);
      this.#connection.send(request.message);
    }
  }

  /** The host answers: what it sends is on its way. */
  mounted({ request: number, stream }: MountedMessage): void {
    const request = this.#numbered.get(number);
    if (request === undefined) return;
    const { mount } = request.message;
    const incoming = this.#filling.begin(mount, (result) => request.resolve(result));
    this.#connection.onIncoming(stream, {
      data: (bytes, consumed) => incoming.push(bytes, consumed),
      end: () => {
        this.#numbered.delete(number);
        this.#send();
        incoming.end().then(() => request.resolve(-EIO));
      },
    });
  }

  /** The host tells of changes: nobody goes by what is on the disk until that is doubted there. */
  changed({ mount, paths }: ChangedMessage): void {
    if (!this.#known.has(mount)) return;
    Atomics.store(this.#words, S_STALE, 1);
    for (const path of paths) {
      this.#filling.disturb(mount, path);
      this.#stale.push({ mount, path });
    }
    this.#settle();
  }

  #settle(): Promise<void> {
    this.#settling ??= this.#doubtStale().finally(() => {
      this.#settling = null;
    });
    return this.#settling;
  }

  async #doubtStale(): Promise<void> {
    for (;;) {
      const batch = this.#stale;
      this.#stale = [];
      for (const { mount, path } of batch) await this.#filling.doubt(mount, path);
      if (this.#stale.length > 0) continue;
      Atomics.store(this.#words, S_STALE, 0);
      return;
    }
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
