import type { Command } from "../command.js";
import { quotedIfOdd, reason } from "../errors.js";
import { FileDescriptor } from "../io/file.js";
import { parseOptions } from "../options.js";

export const tee: Command = async (context) => {
  const options = parseOptions(context, { letters: "aip", names: { append: "a", "ignore-interrupts": "i" } });
  const files: FileDescriptor[] = [];
  let status = 0;
  try {
    for (const name of options.operands)
      try {
        files.push(await FileDescriptor.open(context.path(name), options.has("a") ? "a" : "w"));
      } catch (error) {
        status = await context.fail(`${quotedIfOdd(name)}: ${reason(error)}`);
      }
    for await (const chunk of context.stdin.chunks()) {
      await context.stdout(chunk);
      for (const file of files) await file.write(chunk);
    }
  } finally {
    for (const file of files) file.release();
  }
  return status;
};
