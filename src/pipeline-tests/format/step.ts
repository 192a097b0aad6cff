import type { FileReading } from "../../config/reading.ts";
import type { Path } from "../../config/source-file.ts";
import { show } from "../../config/value-words.ts";
import { type Data, isObject } from "../../json.ts";
import type { Options } from "../../option/option.ts";
import { didYouMean } from "../../problem.ts";
import { stepOptions, words } from "./options.ts";
import type { Expectation, Input, Send, Step } from "./test.ts";

type Values = Readonly<Record<string, unknown>>;

export interface StepReading {
  readonly reading: FileReading;
  /** Checks and decodes the values of options; `undefined` if a problem was reported. */
  readonly checked: (
    options: Options,
    values: Values,
    owner: { readonly name: string; readonly path: Path },
    reading: FileReading,
  ) => Values | undefined;
  readonly readFile: (path: string) => Uint8Array;
}

type Kind = keyof typeof stepOptions;
const kinds = Object.keys(stepOptions) as Kind[];

/** Reads one step; `undefined` if a problem was reported. */
export const readStep = (written: unknown, path: Path, tools: StepReading): Step | undefined => {
  const { report, file } = tools.reading;
  const { line } = file.placeOfKey(path);
  const word = words.find((each) => each === written);
  if (word) return { kind: word, line };
  const kind = isObject(written) ? kindOf(written) : undefined;
  if (!isObject(written) || !kind) {
    const hint = (typeof written === "string" && didYouMean(written, words)) || hintFor(written);
    report.error("test/step", { path }, [show(written, {}, []) ?? "Nothing"], hint);
    return undefined;
  }
  const values = tools.checked(stepOptions[kind], written, { name: `the step "${kind}"`, path }, tools.reading);
  if (!values) return undefined;
  if (kind === "advance") return { kind, by: values["advance"] as number, line };
  if (kind === "expect") return expectation(values, line);
  return send(values, line, path, tools);
};

const kindOf = (written: Data): Kind | undefined => {
  const [kind, ...more] = kinds.filter((each) => each in written);
  return more.length === 0 ? kind : undefined;
};

const all = `A step is ${words.join(", ")}, or a map with one of ${kinds.join(", ")}.`;

const hintFor = (written: unknown): string => {
  const keys = isObject(written) ? Object.keys(written) : [];
  if (keys.some((key) => kinds.some((kind) => kind === key))) return all;
  return keys.map((key) => didYouMean(key, kinds)).find((hint) => hint !== undefined) ?? all;
};

const expectation = (values: Values, line: number): Expectation => {
  const { expect, at, where, count, equals, contains, order } = values as {
    readonly expect: string;
    readonly order: string;
  } & Pick<Expectation, "at" | "where" | "count" | "equals" | "contains">;
  return { kind: "expect", from: expect, at, where, count, equals, contains, inOrder: order === "given", line };
};

const send = (values: Values, line: number, path: Path, tools: StepReading): Send | undefined => {
  const { into, at, path: from } = values as { readonly into: string; readonly at?: number; readonly path?: string };
  const input = inputOf(values, path, tools);
  return input && { kind: "send", into, at, path: from, input, line };
};

const inputOf = (values: Values, path: Path, { reading, readFile }: StepReading): Input | undefined => {
  const { records, base64, events, file } = values as {
    readonly records?: readonly string[];
    readonly base64?: readonly string[];
    readonly events?: readonly Data[];
    readonly file?: string;
  };
  if (records) return { texts: records };
  if (base64) return { records: base64.map((text) => Buffer.from(text, "base64")) };
  if (events) return { events };
  if (file === undefined) {
    reading.report.error("test/input", { path, key: true }, ["This step sends nothing"], sends);
    return undefined;
  }
  try {
    return { file: readFile(file) };
  } catch (error) {
    reading.report.error("config/unreadable-file", { path: [...path, "file"] }, [file, (error as Error).message]);
    return undefined;
  }
};

const sends = 'Add "events", or for a source "records", "base64" or "file".';
