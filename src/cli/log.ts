import { type DestinationStream, pino } from "pino";
import type { Log } from "../plugin.ts";
import { openPipe, PipeLog } from "./pipe-log.ts";
import { hasColor } from "./terminal.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * The log of a run, on standard error: one JSON object per line, or pretty on a terminal. It is synchronous, so that the
 * last messages before the process ends are not lost. A pipe that nobody reads does not block the run.
 * `before` is called before each line.
 */
export const openLog = async (
  level: LogLevel,
  format: "json" | "pretty",
  before: () => void = () => undefined,
): Promise<(component: string) => Log> => {
  const lost = (count: number) =>
    logOf("weir").warn(`${count} messages were lost, because nobody read standard error in time`);
  const standard = standardError(lost);
  const output: DestinationStream = {
    write: (line) => {
      before();
      standard.write(line);
    },
  };
  const root = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    format === "pretty" ? await prettyTo(output) : output,
  );
  const logOf = (component: string): Log => {
    const child = root.child({ component });
    const at =
      (severity: LogLevel) =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
        child[severity](fields, message);
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  };
  return logOf;
};

const standardError = (lost: (count: number) => void): DestinationStream => {
  const fd = openPipe(2);
  if (fd === undefined) return pino.destination({ dest: 2, sync: true });
  const pipe = new PipeLog(fd, lost);
  process.once("exit", () => pipe.end());
  return pipe;
};

const prettyTo = async (output: DestinationStream): Promise<DestinationStream> => {
  const { prettyFactory } = await import("pino-pretty");
  const pretty = prettyFactory({
    colorize: hasColor(process.stderr),
    ignore: "pid,hostname,component",
    messageFormat: "{component}: {msg}",
    translateTime: "SYS:HH:MM:ss.l",
  });
  return { write: (line) => output.write(pretty(line)) };
};
