import { RejectError } from "weir";
import type { Content } from "./envelope.ts";
import { isLegacyLine, openLegacyLine } from "./legacy-line.ts";
import { openSyslog } from "./syslog.ts";
import { timeOf } from "./time.ts";

/** What a container runtime writes before each line: `<time> stdout|stderr F|P <line>` (the CRI logging format). */
const runtimePrefix = /^(\S{1,64}) (?:stdout|stderr) ([FP])\S* /;

/** What a line of text holds: JSON or a text audit line, bare or behind the prefix of a container runtime or of syslog. */
export const openLine = (line: string): Content | readonly Content[] => {
  const text = line.trim();
  if (text.startsWith("{") || text.startsWith("[")) return { content: parse(text) };
  const prefix = runtimePrefix.exec(text);
  if (prefix) return openRuntimeLine(text, prefix);
  if (isLegacyLine(text)) return openLegacyLine(text);
  const syslog = openSyslog(text);
  if (!syslog)
    throw new RejectError(
      "not_json",
      `${startOf(text)} is neither JSON nor a container runtime's or syslog's line with JSON in it`,
    );
  return { ...syslog, content: heldBy("syslog", syslog.content) };
};

const openRuntimeLine = (text: string, [whole, time, tag]: RegExpExecArray): Content => {
  if (tag === "P")
    throw new RejectError(
      "partial_line",
      "a container runtime has cut this line into parts, which weir does not join yet; let kube-apiserver write its audit log to a file of its own",
    );
  const timestamp = timeOf(time);
  const content = heldBy("a container runtime", text.slice(whole.length));
  return { content, ...(timestamp && { context: { timestamp } }) };
};

/** JSON is parsed at once; a text audit line is opened as the next layer. */
const heldBy = (writer: string, rest: string): unknown => {
  if (rest.startsWith("{")) return parse(rest);
  if (isLegacyLine(rest)) return rest;
  throw new RejectError("not_json", `${startOf(rest)} behind ${writer}'s prefix is not a JSON object`);
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RejectError("not_json", `${startOf(text)} is not JSON: ${(error as SyntaxError).message}`);
  }
};

const startOf = (text: string): string =>
  text === ""
    ? "an empty line"
    : text.length > 60
      ? `a line that starts with ${JSON.stringify(text.slice(0, 60))}`
      : `the line ${JSON.stringify(text)}`;
