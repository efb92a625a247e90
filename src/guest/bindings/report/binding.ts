import { O_CREAT, O_TRUNC, O_WRONLY } from "../../../disk/modes.js";
import { TypedArrayPrototypeGetLength } from "../../../primordials/primordials.js";
import { type Internal, primordials } from "../../internals.js";
import { writeStdioText } from "../../stdio.js";
import { diagnosticName } from "../diagnostic-name.js";
import { encodeUtf8 } from "../fs/encoding.js";
import { writeWhole } from "../fs/whole-file.js";
import { type ReportSource, reportContent } from "./content.js";

const { JSONStringify } = primordials;

/** `process.report`: its settings, which Node keeps for the whole operating system process, and reports. */
export function reportBinding(source: ReportSource): Record<string, Internal> {
  const binding: Record<string, Internal> = {};

  function setting(name: string, initial: unknown, getter = `get${name}`): void {
    let value = initial;
    binding[getter] = () => value;
    binding[`set${name}`] = (next: unknown) => {
      value = next;
    };
  }

  setting("Compact", false);
  setting("ExcludeNetwork", false);
  setting("ExcludeEnv", false);
  setting("Directory", "");
  setting("Filename", "");
  setting("Signal", "SIGUSR2");
  setting("ReportOnFatalError", false, "shouldReportOnFatalError");
  setting("ReportOnSignal", false, "shouldReportOnSignal");
  setting("ReportOnUncaughtException", false, "shouldReportOnUncaughtException");

  function report(event: string, trigger: string, filename: string | null, error: unknown): string {
    const content = reportContent(source, {
      event,
      trigger,
      filename,
      error,
      excludeNetwork: binding["getExcludeNetwork"](),
      excludeEnv: binding["getExcludeEnv"](),
    });
    return binding["getCompact"]() === true ? JSONStringify(content) : JSONStringify(content, null, 2);
  }

  binding["getReport"] = (error: unknown) => report("JavaScript API", "GetReport", null, error);

  /** Answers the name of the file, or an empty one when it can't be written. */
  binding["writeReport"] = (event: string, trigger: string, file: unknown, error: unknown): string => {
    const { env, state } = source;
    const named = typeof file === "string" && file !== "" ? file : binding["getFilename"]();
    const filename: string = named !== "" ? named : `report.${diagnosticName(state)}.json`;
    const text = report(event, trigger, filename, error);
    if (filename === "stdout" || filename === "stderr") {
      writeStdioText(env, filename === "stdout" ? 1 : 2, `${text}\n`);
      return filename;
    }
    const directory: string = binding["getDirectory"]();
    const bytes = encodeUtf8(`${text}\n`);
    const path = directory === "" ? filename : `${directory}/${filename}`;
    const length = TypedArrayPrototypeGetLength(bytes);
    const failure = writeWhole(env.disk, path, O_WRONLY | O_CREAT | O_TRUNC, 0o666, bytes, length);
    if (failure !== undefined) {
      const where = directory === "" ? "" : ` directory: ${directory}`;
      const reason = ` (errno: ${-failure.errno})`;
      writeStdioText(env, 2, `\nFailed to open Node.js report file: ${filename}${where}${reason}\n`);
      return "";
    }
    writeStdioText(env, 2, `\nWriting Node.js report to file: ${filename}\nNode.js report completed\n`);
    return filename;
  };
  return binding;
}
