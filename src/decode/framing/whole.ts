import { BodyFraming } from "./body.ts";
import type { Records } from "./framing.ts";

/** One stream is one record, which is collected until the stream ends. Its limit works as in `NewlineFraming`. */
export class WholeFraming extends BodyFraming {
  protected cut(body: Buffer, position: number, records: Records): Iterable<void> {
    records.record(body, 0, body.length, position);
    return [];
  }
}
