// needs: winston
import { readdirSync, readFileSync } from "node:fs";
import winston from "winston";

const { combine, colorize, errors, json, printf, splat, timestamp } = winston.format;
const logger = winston.createLogger({
  level: "debug",
  format: combine(errors({ stack: false }), splat(), timestamp({ format: () => "now" }), json()),
  defaultMeta: { service: "guest" },
  transports: [
    new winston.transports.Console({
      format: combine(
        colorize(),
        printf(({ level, message, service }) => `${service} ${level}: ${message}`),
      ),
      stderrLevels: ["error"],
    }),
    new winston.transports.File({ filename: "logs/all.log" }),
    new winston.transports.File({ filename: "logs/errors.log", level: "error" }),
  ],
});
logger.info("hello %s, %d", "you", 42);
logger.warn({ message: "object", extra: { a: [1] } });
logger.error(new Error("deliberately"));
logger.child({ request: 7 }).debug("child");
for (let i = 0; i < 10; i++) logger.verbose(`line ${i}`);
const profiled = logger.isLevelEnabled("silly");
logger.end();
await Promise.all(
  logger.transports.map(
    (transport) => transport.name === "file" && new Promise((resolve) => transport.once("finish", resolve)),
  ),
);
console.log(profiled);
for (const name of readdirSync("logs").sort()) console.log(name, readFileSync(`logs/${name}`, "utf8"));
