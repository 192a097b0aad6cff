import type { LinearRegex } from "../../regex/index.ts";

/** Which lines belong together. */
export interface Multiline {
  /**
   * What a line that the pattern matches does: it begins a text (`start`), goes on with the text before it (`continue`), ends
   * its text (`end`), or is followed by a line of the same text (`unfinished`).
   */
  readonly rule: "start" | "continue" | "end" | "unfinished";
  readonly pattern: LinearRegex;
  readonly maxLines: number;
  /** In bytes. A single line may be longer. */
  readonly maxBytes: number;
  /** How long a text waits for its next line, in milliseconds. */
  readonly timeout: number;
}

/** Whether a line may go on with the text before it. */
export const goesOn = ({ rule, pattern }: Multiline, line: string): boolean => {
  if (rule === "start") return !pattern.test(line);
  return rule !== "continue" || pattern.test(line);
};

/** Whether no line can follow this one in its text. */
export const isLast = ({ rule, pattern }: Multiline, line: string): boolean => {
  if (rule === "end") return pattern.test(line);
  return rule === "unfinished" && !pattern.test(line);
};
