import { RejectError } from "../lift.ts";
import type { Content } from "./envelopes.ts";
import { timeOf } from "./time.ts";

/** What a container runtime writes before each line: `<time> stdout|stderr F|P <line>` (the CRI logging format). */
const runtimePrefix = /^(\S{1,64}) (?:stdout|stderr) ([FP])\S* /;

/** What a line of text holds: JSON, bare or behind a container runtime's prefix. */
export const openLine = (line: string): Content => {
  const text = line.trim();
  if (text.startsWith("{") || text.startsWith("[")) return { content: parse(text) };
  const prefix = runtimePrefix.exec(text);
  if (!prefix)
    throw new RejectError(
      "not_json",
      `${startOf(text)} is neither JSON nor a container runtime's line with JSON in it`,
    );
  const [whole, time, tag] = prefix;
  if (tag === "P")
    throw new RejectError(
      "partial_line",
      "a container runtime has cut this line into parts, which weir does not join yet; let kube-apiserver write its audit log to a file of its own",
    );
  const timestamp = timeOf(time);
  const rest = text.slice(whole.length);
  if (!rest.startsWith("{"))
    throw new RejectError("not_json", `${startOf(rest)} behind a container runtime's prefix is not a JSON object`);
  return { content: parse(rest), ...(timestamp && { context: { timestamp } }) };
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
