import { EPROTO } from "../../syscall/errno.js";
import type { ArchiveProblem } from "../../wire/index.js";
import { OperationError } from "../fs/failure.js";

/** What of a name an error repeats, in UTF-16 units. */
const SHOWN = 1000;

/** An archive that is not what anybody would want on a disk. The host knows it by EPROTO. */
export function refusal(problem: ArchiveProblem, entry: string): OperationError {
  return new OperationError(-EPROTO, problem, entry.slice(0, SHOWN));
}
