import type { Clock } from "../../clock.ts";
import type { Log } from "../../context.ts";
import type { DecoderOptions } from "../../decode/decoder.ts";
import type { Encoding } from "../../encodings.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import { andMore, Seldom } from "../../telemetry/seldom.ts";

interface TextNotesOptions {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly log: Log;
  readonly decoding: DecoderOptions;
}

/** Counts records whose text is not as it was written, and logs them once a minute. */
export class TextNotes {
  readonly #options: TextNotesOptions;
  readonly #seldom: Seldom;

  constructor(options: TextNotesOptions) {
    this.#options = options;
    this.#seldom = new Seldom(options.clock);
  }

  /** A record has bytes that are not valid. */
  invalid(encoding: Encoding, stream: string): void {
    const { ledger, log, decoding } = this.#options;
    ledger.note("invalid_text", 1);
    const unsaid = this.#seldom.ask(encoding);
    if (unsaid === undefined || decoding.invalidText === "reject") return;
    log.warn(
      `a record has bytes that are not valid ${encoding}${andMore(unsaid)}; they became U+FFFD. If the text has another encoding, set "encoding"; "invalid_text: keep" keeps the bytes`,
      { stream },
    );
  }

  /** A limit has cut an event. */
  truncated(stream: string): void {
    const { ledger, log } = this.#options;
    ledger.note("truncated", 1);
    const unsaid = this.#seldom.ask("truncated");
    if (unsaid === undefined) return;
    log.warn(
      `an event has only a part of the lines that belong together${andMore(unsaid)}: they were more than the limits allow, or the rest did not come in time; it has "truncated" in log.flags`,
      { stream },
    );
  }
}
