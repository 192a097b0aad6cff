import type { IncomingHttpHeaders } from "node:http";
import { type Answer, isPoison, Receiver, type Taken } from "./receiver.ts";

interface Push {
  readonly streams: readonly { readonly values: readonly (readonly [time: string, line: string])[] }[];
}

/** Answers a push as Loki does: 400 with the reasons if it refuses some entries, while it takes the others. */
export class LokiReceiver extends Receiver {
  /** A success has no body that could be wrong. */
  override readonly nonsense: Answer = { status: 502, body: "<h1>no Loki here</h1>" };

  override take(_headers: IncomingHttpHeaders, body: string): Taken {
    const { streams } = JSON.parse(body) as Push;
    const all = streams.flatMap(({ values }) =>
      values.map(([, line]) => (JSON.parse(line) as { readonly n: number }).n),
    );
    const refused = all.filter(isPoison);
    for (const n of refused) this.refused.add(n);
    const numbers = all.filter((n) => !isPoison(n));
    for (const n of numbers) this.note(n);
    const reasons = refused.map((n) => `entry ${n} ignored, reason: 'no such number'`).join("\n");
    return { numbers, answer: refused.length > 0 ? { status: 400, body: reasons } : { status: 204 } };
  }
}
