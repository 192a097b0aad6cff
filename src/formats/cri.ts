import { FormatError } from "./format-error.ts";

/** A line of a container's log, as the kubelet has it. */
export interface CriLine {
  readonly timestamp: string;
  readonly stream: "stdout" | "stderr";
  /** Whether the next line goes on with the text. */
  readonly isPartial: boolean;
  readonly message: string;
}

const line = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) ([FP])(?::[^ ]*)? /;

/** Reads `2026-01-02T03:04:05.123456789Z stdout F text`. Throws a `FormatError`. */
export const parseCri = (text: string): CriLine => {
  // A line without a text may have lost its last space.
  const [head, timestamp, stream, flag] = line.exec(text.length < 256 ? `${text} ` : text) ?? [];
  if (head === undefined) throw new FormatError("the line does not begin with a time, stdout or stderr, and F or P");
  return {
    timestamp: timestamp!,
    stream: stream as CriLine["stream"],
    isPartial: flag === "P",
    message: text.slice(head.length),
  };
};
