import { deepStrictEqual } from "node:assert/strict";
import { builtCodec, type CodecPlugin } from "../codec.ts";
import { Decoder } from "../decode/decoder.ts";
import type { Event } from "../event.ts";
import type { Data } from "../json.ts";
import type { Check } from "./check.ts";
import { countReasons } from "./transform-case.ts";
import { flaws } from "./well-formed.ts";

/** Records for a codec, and the expected result. */
export interface CodecCase {
  readonly name: string;
  /** The decoded options: a duration is a number of milliseconds. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly records: readonly (string | Uint8Array)[];
  /** The data of the events, in order. */
  readonly output: readonly Data[];
  /** How many records go to the dead letter, by reason; none unless given. */
  readonly rejected?: Readonly<Record<string, number>>;
}

interface CodecResult {
  readonly data: readonly unknown[];
  readonly reasons: readonly string[];
  readonly messages: readonly string[];
}

/**
 * The checks that every codec must pass, for any test runner: it is well formed; each case has the expected result with the
 * host's own decoder; and the result for a record depends only on that record.
 */
export const codecChecks = (codec: CodecPlugin, cases: readonly CodecCase[]): readonly Check[] => [
  { name: "is well formed", run: async () => deepStrictEqual(flaws(codec), []) },
  ...cases.flatMap((one) => checksOf(codec, one)),
];

const checksOf = (codec: CodecPlugin, one: CodecCase): readonly Check[] => [
  {
    name: one.name,
    run: async () => {
      const { data, reasons, messages } = decode(codec, one, one.records);
      deepStrictEqual(countReasons(reasons), one.rejected ?? {}, `rejected: ${messages.join("; ")}`);
      deepStrictEqual(asJson(data), asJson(one.output));
    },
  },
  {
    name: `${one.name}, each record by itself`,
    run: async () => {
      const whole = decode(codec, one, one.records);
      const single = one.records.map((record) => decode(codec, one, [record]));
      const backwards = decode(codec, one, [...one.records].reverse());
      const clue = "the result for a record depends on the records before it, or on its bytes, which are used again";
      deepStrictEqual(asJson(single.flatMap(({ data }) => data)), asJson(whole.data), clue);
      deepStrictEqual(asJson([...backwards.data].reverse()), asJson(whole.data), clue);
    },
  },
];

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const decode = (
  codec: CodecPlugin,
  { config = {} }: CodecCase,
  records: readonly (string | Uint8Array)[],
): CodecResult => {
  const built = builtCodec(codec, config);
  const events: Event[] = [];
  const reasons: string[] = [];
  const messages: string[] = [];
  const handlers = {
    event: (event: Event) => void events.push(event),
    failure: ({ reason, message }: { readonly reason: string; readonly message: string }) => {
      reasons.push(reason);
      messages.push(message);
    },
  };
  const options = { codec: built, framing: "whole", maxLine: 2 ** 30, encoding: "utf-8" } as const;
  for (const [index, record] of records.entries()) {
    const bytes = Buffer.from(record as string);
    const decoder = new Decoder("test", `record ${index}`, options);
    decoder.push(bytes, 0, 0, handlers);
    decoder.end(0, handlers);
    // The host uses the block again.
    bytes.fill(0);
  }
  return { data: events.map(({ data }) => data), reasons, messages };
};
