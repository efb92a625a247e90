import { internalBinding, primordials, requireBuiltin } from "../internals.js";

const {
  AtomicsCompareExchange,
  AtomicsLoad,
  AtomicsNotify,
  AtomicsStore,
  AtomicsWait,
  Error: NodeError,
  Int32Array: Words,
  JSONParse,
  JSONStringify,
  ObjectSetPrototypeOf,
  Proxy: NodeProxy,
  ReflectDefineProperty,
  ReflectDeleteProperty,
  ReflectGet,
  ReflectGetOwnPropertyDescriptor,
  ReflectHas,
  ReflectOwnKeys,
  ReflectSet,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  Uint8Array: Bytes,
} = primordials;
const { constructSharedArrayBuffer } = requireBuiltin("internal/util");
const utf8Slice: (bytes: Uint8Array, start: number, end: number) => string =
  internalBinding("buffer")["utf8Slice"];
const encodeUtf8: (text: string) => Uint8Array = internalBinding("encoding_binding")["encodeUtf8String"];

/** Counts changes; its lowest bit tells which half holds the variables. */
const VERSION = 0;
/** 1 while a thread changes something. */
const LOCK = 1;
/** How many bytes each half holds. */
const LENGTHS = 2;
const HEADER = 64;
/** The most that the variables may take as JSON. Only what is used takes memory. */
const HALF = 4 * 1024 * 1024;

/** A change takes microseconds: after so long whoever has the lock has died with it, in milliseconds. */
const PATIENCE = 200;

type Variables = Record<string, string>;

/**
 * The variables that threads have in common which were made with SHARE_ENV. Each thread's own native
 * environment stays what programs see; it is brought up to date before it is looked at.
 */
export class SharedEnvironment {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #own: Variables;
  #version = -1;

  /** `buffer` is another thread's; without one, the variables are shared from now on. */
  constructor(own: Variables, buffer?: SharedArrayBuffer) {
    this.#own = own;
    this.buffer = buffer ?? constructSharedArrayBuffer(HEADER + 2 * HALF);
    this.#words = new Words(this.buffer, 0, HEADER / 4);
    this.#bytes = new Bytes(this.buffer, HEADER);
    if (buffer === undefined) this.#publish();
    else this.refresh();
  }

  /** The variables as an object by which changes are seen. */
  view(): Variables {
    const fresh = (own: Variables): Variables => {
      this.refresh();
      return own;
    };
    const change = (operation: (own: Variables) => boolean): boolean => this.#change(operation);
    const handler: ProxyHandler<Variables> = {
      get: (own, key) => ReflectGet(fresh(own), key),
      has: (own, key) => ReflectHas(fresh(own), key),
      ownKeys: (own) => ReflectOwnKeys(fresh(own)),
      getOwnPropertyDescriptor: (own, key) => ReflectGetOwnPropertyDescriptor(fresh(own), key),
      set: (_own, key, value) => change((own) => ReflectSet(own, key, value)),
      defineProperty: (_own, key, descriptor) => change((own) => ReflectDefineProperty(own, key, descriptor)),
      deleteProperty: (_own, key) => change((own) => ReflectDeleteProperty(own, key)),
    };
    ObjectSetPrototypeOf(handler, null);
    return new NodeProxy(this.#own, handler);
  }

  #change(operation: (own: Variables) => boolean): boolean {
    this.#lock();
    try {
      this.refresh();
      const done = operation(this.#own);
      this.#publish();
      return done;
    } finally {
      AtomicsStore(this.#words, LOCK, 0);
      AtomicsNotify(this.#words, LOCK, 1);
    }
  }

  #lock(): void {
    while (AtomicsCompareExchange(this.#words, LOCK, 0, 1) !== 0)
      if (AtomicsWait(this.#words, LOCK, 1, PATIENCE) === "timed-out") AtomicsStore(this.#words, LOCK, 0);
  }

  /** Takes over what other threads have changed. */
  refresh(): void {
    let version: number = AtomicsLoad(this.#words, VERSION);
    if (version === this.#version) return;
    let text: string;
    for (;;) {
      const half = version & 1;
      text = utf8Slice(this.#bytes, half * HALF, half * HALF + (this.#words[LENGTHS + half] as number));
      const now: number = AtomicsLoad(this.#words, VERSION);
      if (now === version) break;
      version = now;
    }
    this.#version = version;
    const variables: Variables = ObjectSetPrototypeOf(JSONParse(text), null);
    const known: string[] = ReflectOwnKeys(this.#own);
    for (let i = 0; i < known.length; i++) {
      const name = known[i] as string;
      if (variables[name] === undefined) ReflectDeleteProperty(this.#own, name);
    }
    const names: string[] = ReflectOwnKeys(variables);
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      this.#own[name] = variables[name] as string;
    }
  }

  #publish(): void {
    const variables: Variables = { __proto__: null as never };
    const names: string[] = ReflectOwnKeys(this.#own);
    for (let i = 0; i < names.length; i++)
      variables[names[i] as string] = this.#own[names[i] as string] as string;
    const bytes = encodeUtf8(JSONStringify(variables));
    const length: number = TypedArrayPrototypeGetByteLength(bytes);
    if (length > HALF) throw new NodeError("The environment is too large to be shared");
    const version = ((AtomicsLoad(this.#words, VERSION) as number) + 1) | 0;
    const half = version & 1;
    TypedArrayPrototypeSet(this.#bytes, bytes, half * HALF);
    this.#words[LENGTHS + half] = length;
    AtomicsStore(this.#words, VERSION, version);
    this.#version = version;
  }
}
