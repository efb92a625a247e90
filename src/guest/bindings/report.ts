import type { Internal } from "../internals.js";

/** The settings of `process.report`, which Node keeps for the whole operating system process. */
export function reportBinding(): Record<string, Internal> {
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
  return binding;
}
