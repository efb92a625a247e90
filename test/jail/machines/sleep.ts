/** Says that it runs and stays, whatever becomes of the wire. */
import { writeSync } from "node:fs";

writeSync(3, `${process.pid}\n`);
setInterval(() => {}, 1000);
