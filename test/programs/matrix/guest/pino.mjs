// needs: pino
import { mkdirSync, readFileSync } from "node:fs";
import pino from "pino";

mkdirSync("logs");
const destination = pino.destination({ dest: "logs/app.log", sync: true, mkdir: true });
const options = {
  base: { name: "guest" },
  timestamp: () => ',"time":"now"',
  redact: ["secret", "*.password"],
  serializers: { err: (e) => e.message },
};
const logger = pino(
  options,
  pino.multistream([{ stream: destination }, { stream: process.stdout, level: "warn" }]),
);
logger.info({ secret: 1, user: { password: "x", name: "y" } }, "hello %s", "you");
logger.child({ request: 1 }).warn({ err: new Error("deliberately") });
logger.level = "trace";
logger.trace("traced %o", { a: [1] });
destination.flushSync();
console.log(readFileSync("logs/app.log", "utf8"));
const later = pino.destination({ dest: "logs/later.log", sync: false, minLength: 100 });
const buffered = pino(options, later);
for (let i = 0; i < 30; i++) buffered.info(`line ${i}`);
await new Promise((resolve) => {
  later.on("finish", resolve);
  later.end();
});
console.log(readFileSync("logs/later.log", "utf8").length);
pino({ base: null, timestamp: false }).fatal("to stdout");
