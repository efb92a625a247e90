// Asynchronous context, async hooks, and the order of callbacks on the event loop.
const {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId,
  triggerAsyncId,
  executionAsyncResource,
} = await import("node:async_hooks");
fs.writeFileSync("f", "x");
const store = new AsyncLocalStorage();

await check("callbacks keep the store", () =>
  store.run(
    "A",
    () =>
      new Promise((resolve) => {
        const seen = [];
        fs.stat("f", () => {
          seen.push(store.getStore());
          fs.readFile("f", () => {
            seen.push(store.getStore());
            fs.writeFile("f", "y", () => resolve([...seen, store.getStore()]));
          });
        });
      }),
  ),
);
await check("promises keep the store", () =>
  store.run("B", async () => {
    await fs.promises.stat("f");
    const first = store.getStore();
    const handle = await fs.promises.open("f");
    await handle.read(Buffer.alloc(1));
    await handle.close();
    await fs.promises.readFile("f");
    return [first, store.getStore()];
  }),
);
await check("many stores at once", () =>
  Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      store.run(i, () => new Promise((resolve) => fs.access("f", () => resolve(store.getStore())))),
    ),
  ),
);
await check("streams keep the store", () =>
  store.run(
    "C",
    () => new Promise((resolve) => fs.createReadStream("f").on("data", () => resolve(store.getStore()))),
  ),
);
await check(
  "no store outside",
  () => new Promise((resolve) => fs.stat("f", () => resolve(store.getStore()))),
);
await check("store of a throwing callback", async () => {
  const caught = new Promise((resolve) => process.once("uncaughtException", () => resolve(store.getStore())));
  store.run("D", () =>
    fs.stat("f", () => {
      throw new Error("x");
    }),
  );
  const inHandler = await caught;
  return [inHandler, await new Promise((resolve) => fs.stat("f", () => resolve(store.getStore())))];
});
await check("opendir keeps the store", () =>
  store.run("E", async () => {
    const seen = [];
    for await (const entry of await fs.promises.opendir(".")) seen.push([entry.name, store.getStore()]);
    return seen;
  }),
);
await check("hooks", async () => {
  const log = [];
  const ids = new Map();
  const hook = createHook({
    init(id, type, _trigger, resource) {
      if (!/^FS|FILEHANDLE|DIRHANDLE/.test(type)) return;
      ids.set(id, type);
      log.push(["init", type, resource.constructor.name]);
    },
    before: (id) => ids.has(id) && log.push(["before", ids.get(id)]),
    after: (id) => ids.has(id) && log.push(["after", ids.get(id)]),
  }).enable();
  await call(fs.stat, "f");
  await fs.promises.stat("f");
  await call(fs.readFile, "f");
  await call(fs.writeFile, "f", "z");
  hook.disable();
  return log;
});
await check(
  "ids",
  () =>
    new Promise((resolve) => {
      const outer = executionAsyncId();
      fs.stat("f", () => {
        const first = [
          executionAsyncId() > outer,
          triggerAsyncId() === outer,
          executionAsyncResource().constructor.name,
        ];
        const inner = executionAsyncId();
        fs.stat("f", () => resolve([first, triggerAsyncId() === inner]));
      });
    }),
);
await check(
  "resource",
  () =>
    new Promise((resolve) => {
      const resource = new AsyncResource("MINE");
      resource.runInAsyncScope(() => fs.stat("f", () => resolve(triggerAsyncId() === resource.asyncId())));
    }),
);
await check(
  "order inside of a callback",
  () =>
    new Promise((resolve) => {
      const order = [];
      fs.stat("f", () => {
        setTimeout(() => {
          order.push("timeout");
          resolve(order);
        }, 0);
        setImmediate(() => order.push("immediate"));
        process.nextTick(() => order.push("tick"));
        Promise.resolve().then(() => order.push("promise"));
        queueMicrotask(() => order.push("microtask"));
        order.push("callback");
      });
    }),
);
await check(
  "ticks between callbacks",
  () =>
    new Promise((resolve) => {
      const order = [];
      for (const name of ["one", "two"]) {
        fs.stat("f", () => {
          order.push(name);
          process.nextTick(() => order.push(`${name} tick`));
          Promise.resolve().then(() => {
            order.push(`${name} promise`);
            if (name === "two") setImmediate(() => resolve(order));
          });
        });
      }
    }),
);
await check(
  "timers are not starved",
  () =>
    new Promise((resolve) => {
      let turns = 0;
      let stop = false;
      setTimeout(() => {
        stop = true;
      }, 5);
      (function again() {
        turns++;
        if (stop) resolve(turns > 1);
        else fs.stat("f", again);
      })();
    }),
);
await check(
  "immediates are not starved",
  () =>
    new Promise((resolve) => {
      let turns = 0;
      let seen = 0;
      setImmediate(function tick() {
        seen++;
        if (seen < 5) setImmediate(tick);
      });
      (function again() {
        if (++turns < 50) fs.stat("f", again);
        else resolve(seen);
      })();
    }),
);
await check("errors have no frames of ours", () => call(fs.stat, "missing").then(([error]) => error.stack));
await check(
  "a callback's stack",
  () =>
    new Promise((resolve) =>
      fs.stat("f", () => {
        resolve(
          new Error("x").stack
            .split("\n")
            .slice(2)
            .map((line) => line.replace(/:\d+:\d+/, "")),
        );
      }),
    ),
);
await check("a promise's stack", () =>
  fs.promises.stat("missing").catch((error) =>
    error.stack
      .replace(/:\d+:\d+/g, "")
      .split("\n")
      .filter((line) => !line.includes("file:")),
  ),
);
await check("at every stack depth", async () => {
  let called = 0;
  const finished = [];
  function descend(depth) {
    try {
      descend(depth + 1);
    } finally {
      if (depth % 50 === 0) {
        try {
          fs.stat("f", () => called++);
          finished.push(1);
        } catch {
          // No room for the call itself.
        }
      }
    }
  }
  try {
    descend(0);
  } catch {
    // The stack is used up, as it has to be.
  }
  while (called < finished.length) await new Promise((resolve) => setImmediate(resolve));
  await call(fs.stat, "f");
  return [called === finished.length, called > 5];
});
