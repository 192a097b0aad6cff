import { RejectError } from "weir";
import type { Content, ParseJson } from "./envelope.ts";
import { isLegacyLine, openLegacyLine } from "./legacy-line.ts";
import { openSyslog } from "./syslog.ts";
import { timeOf } from "./time.ts";

/** What a container runtime writes before each line: `<time> stdout|stderr F|P <line>` (the CRI logging format). */
const runtimePrefix = /^(\S{1,64}) (?:stdout|stderr) ([FP])\S* /;

/** Opens a line of text: JSON or a legacy audit line, alone or after the prefix of a container runtime or of syslog. */
export const openLine = (line: string, parseJson: ParseJson): Content | readonly Content[] => {
  const text = line.trim();
  if (text.startsWith("{") || text.startsWith("[")) return { content: parse(text, parseJson) };
  const prefix = runtimePrefix.exec(text);
  if (prefix) return openRuntimeLine(text, prefix, parseJson);
  if (isLegacyLine(text)) return openLegacyLine(text);
  const syslog = openSyslog(text);
  if (!syslog)
    throw new RejectError(
      "not_json",
      `${startOf(text)} is neither JSON nor a line of a container runtime or syslog that contains JSON`,
    );
  return { ...syslog, content: heldBy("syslog", syslog.content, parseJson) };
};

const openRuntimeLine = (text: string, [whole, time, tag]: RegExpExecArray, parseJson: ParseJson): Content => {
  if (tag === "P")
    throw new RejectError(
      "partial_line",
      "a container runtime has split this line into parts, which weir cannot join yet; let kube-apiserver write its audit log to a separate file",
    );
  const timestamp = timeOf(time);
  const content = heldBy("a container runtime", text.slice(whole.length), parseJson);
  return { content, ...(timestamp && { context: { timestamp } }) };
};

/** JSON is parsed here; a legacy audit line is opened as the next layer. */
const heldBy = (writer: string, rest: string, parseJson: ParseJson): unknown => {
  if (rest.startsWith("{")) return parse(rest, parseJson);
  if (isLegacyLine(rest)) return rest;
  throw new RejectError("not_json", `${startOf(rest)} after the prefix of ${writer} is not a JSON object`);
};

const parse = (text: string, parseJson: ParseJson): unknown => {
  try {
    return parseJson(text);
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
