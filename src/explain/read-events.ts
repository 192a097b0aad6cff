import { wording } from "../config/wording.ts";
import { type Data, isObject, kindOf, maxDepth } from "../json.ts";
import { surveyedJson } from "../parse-json.ts";
import type { Problem } from "../problem.ts";
import { jsonErrorText, placeOfJsonError } from "./json-error.ts";

export type ReadEvents = { readonly events: readonly Data[] } | { readonly problem: Problem };

/** Reads the events of a text: one JSON object, a JSON array of objects, or an object on each line. */
export const readEvents = (text: string, file: string): ReadEvents => {
  const whole = parsed(text);
  if ("value" in whole) {
    const { value } = whole;
    const list = Array.isArray(value) ? (value as unknown[]) : [value];
    if (list.length === 0) return failed(file, { line: 1, column: 1 }, "There is no event in this list");
    return checked(
      list.map((one) => ({ value: one, line: 1 })),
      file,
    );
  }
  const lines = text.split("\n").map((content, index) => ({ content, line: index + 1 }));
  const written = lines.filter(({ content }) => content.trim() !== "");
  const [first] = written;
  if (!first) return failed(file, { line: 1, column: 1 }, "There is no event here");
  // Several lines that each could be JSON, rather than one value over several lines.
  if (written.length === 1 || !("value" in parsed(first.content))) {
    const offset = placeOfJsonError(text, whole.error);
    return failed(file, placeAt(text, offset), `This is not JSON: ${jsonErrorText(whole.error)}`);
  }
  const values: { readonly value: unknown; readonly line: number }[] = [];
  for (const { content, line } of written) {
    const one = parsed(content);
    if ("error" in one) {
      const column = placeOfJsonError(content, one.error) + 1;
      return failed(file, { line, column }, `This line is not JSON: ${jsonErrorText(one.error)}`);
    }
    values.push({ value: one.value, line });
  }
  return checked(values, file);
};

const wayOut =
  "Write an event as a JSON object, several as one on each line, and records as the source reads them with --raw.";

const failed = (file: string, { line, column }: { line: number; column: number }, detail: string): ReadEvents => ({
  problem: {
    severity: "error",
    code: "explain/event",
    message: wording["explain/event"](detail),
    hint: wayOut,
    file,
    line,
    column,
  },
});

const checked = (values: readonly { readonly value: unknown; readonly line: number }[], file: string): ReadEvents => {
  for (const { value, line } of values)
    if (!isObject(value)) return failed(file, { line, column: 1 }, `This is ${kindOf(value)}, and no event`);
  return { events: values.map(({ value }) => value as Data) };
};

const parsed = (text: string): { readonly value: unknown } | { readonly error: Error } => {
  try {
    const { value, isTooDeep } = surveyedJson(text);
    return isTooDeep ? { error: new Error(`it is nested more than ${maxDepth} levels deep`) } : { value };
  } catch (error) {
    return { error: error as Error };
  }
};

const placeAt = (text: string, offset: number): { line: number; column: number } => {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
};
