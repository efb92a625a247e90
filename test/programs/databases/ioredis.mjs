import { once } from "node:events";
import { Redis } from "ioredis";

const options = { host: "127.0.0.1", port: Number(process.argv.at(-1)), password: "pw" };
const redis = new Redis(options);
console.log(await redis.flushall(), await redis.set("a", "ü"), await redis.get("a"), await redis.incr("n"));
console.log(await redis.hset("h", { x: 1, y: "z" }), await redis.hgetall("h"), await redis.get("missing"));
console.log(
  await redis
    .pipeline()
    .set("p", 1)
    .incrby("p", 41)
    .get("p")
    .hget("a", "x")
    .exec()
    .then((all) => all.map(([error, value]) => error?.message ?? value)),
);
console.log(await redis.multi().rpush("list", "1", "2").lrange("list", 0, -1).exec());
console.log(await redis.eval("return {KEYS[1], ARGV[1] * 2}", 1, "key", 21));
const bytes = Buffer.alloc(3_000_000, 7);
await redis.set("bytes", bytes);
console.log((await redis.getBuffer("bytes")).equals(bytes));

const subscriber = redis.duplicate();
console.log(await subscriber.subscribe("news"));
const told = once(subscriber, "message");
await redis.publish("news", "heard");
console.log(await told);
const blocked = redis.duplicate();
const popped = blocked.blpop("queue", 0);
await redis.rpush("queue", "job");
console.log(await popped);
await redis.mset(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k:${i}`, i])));
const keys = (await redis.scanStream({ match: "k:*", count: 50 }).toArray()).flat();
console.log(new Set(keys).size);
const numbers = await Promise.all(Array.from({ length: 1000 }, () => redis.incr("many")));
console.log(numbers.every((number, i) => number === i + 1));
console.log(await redis.lpush("a", "x").catch(({ name, message }) => [name, message]));
for (const one of [redis, subscriber, blocked]) console.log(await one.quit());
const stranger = new Redis({
  ...options,
  password: "wrong",
  lazyConnect: true,
  retryStrategy: null,
  maxRetriesPerRequest: 0,
});
const [error] = await Promise.all([once(stranger, "error"), stranger.connect().catch(() => null)]);
console.log(error[0].message);
stranger.disconnect();
