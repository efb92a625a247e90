// needs: pino
import { readFileSync } from "node:fs";
import pino from "pino";

const transport = pino.transport({ target: "pino/file", options: { destination: "app.log" } });
const logger = pino({ base: null, timestamp: false }, transport);
logger.info("through a thread");
logger.warn({ a: 1 }, "again");
const alive = setInterval(() => {}, 100);
await new Promise((resolve) => {
  transport.on("close", resolve);
  transport.end();
});
clearInterval(alive);
console.log(readFileSync("app.log", "utf8"));
