import { deniedError } from "../../denied.js";

/** `fs.watchFile` asks the system again and again; there is no such watcher yet. */
export class StatWatcher {
  constructor() {
    throw deniedError("fs.watchFile", StatWatcher as never);
  }
}
