import { pino } from "pino";
import type { Log } from "../plugin.ts";
import { hasColor } from "./terminal.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * The log of a run, on standard error: one JSON object per line, or pretty on a terminal. It is synchronous, so that the
 * last messages before the process ends are not lost.
 */
export const openLog = async (level: LogLevel, format: "json" | "pretty"): Promise<(component: string) => Log> => {
  const stream =
    format === "pretty"
      ? (await import("pino-pretty")).default({
          destination: 2,
          sync: true,
          colorize: hasColor(process.stderr),
          ignore: "pid,hostname,component",
          messageFormat: "{component}: {msg}",
          translateTime: "SYS:HH:MM:ss.l",
        })
      : pino.destination({ dest: 2, sync: true });
  const root = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return (component) => {
    const child = root.child({ component });
    const at =
      (severity: LogLevel) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
        child[severity](fields, message);
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  };
};
