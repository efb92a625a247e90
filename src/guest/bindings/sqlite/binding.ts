/**
 * The `sqlite` binding: Node's own, for databases in memory.
 *
 * Its classes open files by themselves, so every name is judged before they get it: in constructors, in
 * `backup()` and, through an authorizer that each connection has, in SQL. The native class is not to be
 * had without that: its prototype is the one of the class here, and nothing else leads to it.
 */
import { deniedError } from "../../denied.js";
import { type Callable, type Internal, internalBinding, primordials } from "../../internals.js";
import { type Authorizer, Guard, setUp } from "./guard.js";
import { isInMemory, type Place, readPlace } from "./place.js";

const {
  ArrayPrototypePush,
  FunctionPrototypeCall,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  PromiseReject,
  ReflectApply,
  ReflectConstruct,
  SafeWeakMap,
  WeakMapPrototypeGet,
  WeakMapPrototypeSet,
} = primordials;

const refusal = 'SQLite databases in files (":memory:" works)';

/** The members of the binding that open databases. */
export function sqliteBinding(): Record<string, Internal> {
  const { DatabaseSync: Native, backup: nativeBackup } = internalBinding("sqlite");
  const { prototype } = Native;
  const { open, exec, setAuthorizer, loadExtension, deserialize } = prototype;
  const guards: WeakMap<object, Guard> = new SafeWeakMap();

  /** Has the authorizer in force on whatever connection is open. */
  function protect(db: unknown): void {
    const guard: Guard | undefined = WeakMapPrototypeGet(guards, db);
    if (guard === undefined || guard.inForce || !(db as Internal).isOpen) return;
    FunctionPrototypeCall(exec, db, setUp);
    FunctionPrototypeCall(setAuthorizer, db, guard.judge);
    guard.inForce = true;
  }

  function placeOf(path: unknown, from: Callable): Place {
    const place = readPlace(path);
    if (place.name !== undefined && !isInMemory(place.name)) throw deniedError(refusal, from);
    return place;
  }

  function DatabaseSync(this: unknown, path: unknown, options: unknown): object {
    if (new.target === undefined) return ReflectApply(Native, this, []);
    const args = [placeOf(path, DatabaseSync).argument];
    // biome-ignore lint/complexity/noArguments: the native tells no options from undefined ones.
    if (arguments.length > 1) ArrayPrototypePush(args, options);
    const db = ReflectConstruct(Native, args, new.target);
    WeakMapPrototypeSet(guards, db, new Guard());
    protect(db);
    return db;
  }
  ObjectDefineProperty(DatabaseSync, "length", { __proto__: null, value: 0 });
  ObjectDefineProperty(DatabaseSync, "prototype", { __proto__: null, value: prototype, enumerable: false });
  prototype.constructor = DatabaseSync;

  /** Puts `protect` before what compiles SQL: a connection may have been opened and then interrupted. */
  function protectBefore(target: Internal, name: string, database: (self: Internal) => unknown): void {
    const native = target[name];
    const { method } = {
      method(this: unknown): unknown {
        protect(database(this));
        // biome-ignore lint/complexity/noArguments: a rest parameter is an array with the guest's iterator.
        return ReflectApply(native, this, arguments);
      },
    };
    ObjectDefineProperty(method, "name", { __proto__: null, value: name });
    target[name] = method;
  }
  const own = (self: Internal) => self;
  protectBefore(prototype, "exec", own);
  protectBefore(prototype, "prepare", own);
  const store = FunctionPrototypeCall(prototype.createTagStore, new Native(":memory:"));
  const tagStore = ObjectGetPrototypeOf(store);
  const tags = ["get", "all", "iterate", "run"];
  const databaseOf = (self: unknown) => (isObject(self) ? self.db : undefined);
  for (let i = 0; i < tags.length; i++) protectBefore(tagStore, tags[i] as string, databaseOf);

  const methods = {
    open(this: unknown): void {
      const guard: Guard | undefined = WeakMapPrototypeGet(guards, this);
      // A connection that is open already stays as it is.
      if (guard !== undefined && !(this as Internal).isOpen) {
        guard.inForce = false;
        guard.authorizer = null;
      }
      FunctionPrototypeCall(open, this);
      protect(this);
    },

    setAuthorizer(this: unknown, callback: unknown): void {
      const guard: Guard | undefined = WeakMapPrototypeGet(guards, this);
      if (guard === undefined || (callback !== null && typeof callback !== "function")) {
        FunctionPrototypeCall(setAuthorizer, this, callback);
        return;
      }
      FunctionPrototypeCall(setAuthorizer, this, guard.judge);
      guard.authorizer = callback as Authorizer | null;
    },

    loadExtension(this: unknown, path: unknown): void {
      try {
        // Everything else that can be wrong comes before its arguments.
        FunctionPrototypeCall(loadExtension, this);
      } catch (error) {
        if (typeof path !== "string" || (error as Internal).code !== "ERR_INVALID_ARG_TYPE") throw error;
      }
      throw deniedError("extensions of SQLite", methods.loadExtension);
    },

    deserialize(this: unknown, bytes: unknown, options?: Internal): void {
      protect(this);
      const guard: Guard | undefined = WeakMapPrototypeGet(guards, this);
      const args = [bytes];
      // Read here: while the native reads them, a name may be attached that is none otherwise.
      if (options !== undefined)
        ArrayPrototypePush(args, isObject(options) ? { __proto__: null, dbName: options.dbName } : options);
      if (guard !== undefined) guard.deserializing = true;
      try {
        ReflectApply(deserialize, this, args);
      } finally {
        if (guard !== undefined) guard.deserializing = false;
      }
    },
  };
  prototype.open = methods.open;
  prototype.setAuthorizer = methods.setAuthorizer;
  prototype.loadExtension = methods.loadExtension;
  prototype.deserialize = methods.deserialize;

  function backup(source: unknown, path: unknown, options: unknown): unknown {
    let place: Place;
    try {
      place = placeOf(path, backup);
    } catch (error) {
      return PromiseReject(error);
    }
    return options === undefined
      ? nativeBackup(source, place.argument)
      : nativeBackup(source, place.argument, options);
  }

  return { DatabaseSync, backup };
}

function isObject(value: unknown): value is Internal {
  return typeof value === "object" && value !== null;
}
