import type { IncomingHttpHeaders } from "node:http";
import { recordsInJson } from "../../src/otlp/index.ts";
import { type Answer, isPoison, Receiver, type Taken } from "./receiver.ts";

const headers = { "content-type": "application/json" };

/** Answers as OTLP over HTTP wants it, in JSON: 400 for a request that it will never take, and the number of rejected records. */
export class OtlpReceiver extends Receiver {
  override readonly nonsense: Answer = { status: 200, headers, body: '{"partialSuccess":["x"]}' };

  override take(_headers: IncomingHttpHeaders, body: string): Taken {
    const numbers = [...recordsInJson(Buffer.from(body))].map(numberOf);
    if (numbers.some(isPoison)) {
      if (numbers.length === 1) this.refused.add(numbers[0]!);
      return { numbers: [], answer: { status: 400, headers, body: '{"message":"no such number"}' } };
    }
    const rejected = this.random.chance(0.02) ? numbers.filter(() => this.random.chance(0.3)) : [];
    // It does not say which ones, so whoever is in the request may be one of them.
    if (rejected.length > 0) for (const n of numbers) this.refused.add(n);
    const taken = numbers.filter((n) => !rejected.includes(n));
    for (const n of taken) this.note(n);
    const partialSuccess =
      rejected.length > 0 ? { rejectedLogRecords: String(rejected.length), errorMessage: "no" } : undefined;
    return { numbers: taken, answer: { status: 200, headers, body: JSON.stringify({ partialSuccess }) } };
  }
}

const numberOf = ({ record }: { readonly record: unknown }): number => {
  const { attributes } = record as { readonly attributes: readonly (readonly [string, unknown])[] };
  return Number(new Map(attributes).get("n"));
};
