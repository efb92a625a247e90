import type { CommandContext } from "../command.js";
import { CommandError, quoted } from "../errors.js";
import { type Options, parseSize } from "../options.js";
import { humanSize } from "./listing.js";

/** The options of `du` and `df` that say in what units sizes are shown. */
export const sizeOptions = {
  letters: "B:hHkm",
  names: { "block-size": "B:", "human-readable": "h", si: "H" },
};

/** How a size is shown, and what the units are called at the head of a column. */
export interface SizeStyle {
  show: (bytes: number) => string;
  title: string;
}

export function sizeStyle({ env }: CommandContext, options: Options): SizeStyle {
  switch (options.last("h", "H", "k", "m", "B", "b")) {
    case "h":
      return { show: humanSize, title: "Size" };
    case "H":
      return { show: (bytes) => humanSize(bytes, 1000), title: "Size" };
    case "m":
      return inUnits(1024 * 1024, "1M-blocks");
    case "b":
      return inUnits(1, "1B-blocks");
    case "B": {
      const text = options.value("B") ?? "";
      const size = /^[kKMGT]/.test(text) ? parseSize(`1${text}`) : parseSize(text);
      if (!(size > 0)) throw new CommandError(`invalid --block-size argument ${quoted(text)}`);
      return inUnits(size, `${/^\d/.test(text) ? "" : "1"}${text}-blocks`, /^\d/.test(text) ? "" : text);
    }
    default:
      return inUnits(env["POSIXLY_CORRECT"] === undefined ? 1024 : 512, "1K-blocks");
  }
}

function inUnits(size: number, title: string, suffix = ""): SizeStyle {
  return { show: (bytes) => `${Math.ceil(bytes / size)}${suffix}`, title };
}
