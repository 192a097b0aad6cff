import { inspect } from "node:util";
import type { Rejection } from "../../batch.ts";
import type { Clock } from "../../clock.ts";
import type { DecodeFailure } from "../../decode/decoder.ts";
import { type Event, jsonOf, NotJson } from "../../event.ts";
import type { Log } from "../../plugin.ts";
import { encodeFrame } from "../../storage/frame.ts";
import type { Letter } from "../delivery/delivery.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { Flight } from "../flow/flight.ts";
import { DeadLetterNews } from "./news.ts";

export { deadLetterOutbox } from "../../storage/dead-letter-index.ts";

/** Why an event or a record is here: the first line of a dead letter's frame. Times in milliseconds since 1970. */
export interface DeadLetterHead {
  readonly id: string;
  readonly component: string;
  readonly reason: string;
  readonly message: string;
  readonly time: number;
  readonly attempts: number;
  readonly source: string;
  readonly stream: string;
  readonly position: number;
  readonly ingested: number;
}

/** The reason of letters that hold only a description of an event, because JSON cannot carry its data. */
export const notJsonData = "not_json_data";

/** Puts what cannot go on into the dead letter: the event or the raw record, and the reason. */
export class DeadLetters {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #news: DeadLetterNews;

  constructor(outbox: Outbox, clock: Clock, log: (component: string) => Log) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#news = new DeadLetterNews(log, clock);
  }

  /** Events that a transform rejected, in the commit that holds their batch. */
  reject(flight: Flight, component: string, rejections: readonly Rejection[], done: () => void): void {
    const frames = rejections.map(({ event, reason, message }) => {
      const { source, stream, position, ingested } = event.meta;
      const head = { id: idOf(event), component, reason, message, attempts: 1, source, stream, position, ingested };
      const data = jsonOf(event);
      if (!(data instanceof NotJson)) return this.#frame(head, data);
      const why = message === data.message ? message : `${message} (and ${data.message})`;
      return this.#frame({ ...head, reason: notJsonData, message: why }, described(event));
    });
    this.#outbox.put(flight, frames, done);
  }

  /** Records that the decoder could not read: their bytes as text or, where they are not UTF-8, in base64. */
  undecoded(
    flight: Flight,
    source: string,
    stream: string,
    failures: readonly DecodeFailure[],
    ingested: number,
    done: () => void,
  ): void {
    const frames = failures.map(({ position, reason, message, head }) => {
      const id = `${source}/${stream}@${position}`;
      const text = head.toString("utf8");
      const raw = Buffer.from(text, "utf8").equals(head) ? { raw: text } : { raw_base64: head.toString("base64") };
      return this.#frame(
        { id, component: source, reason, message, attempts: 1, source, stream, position, ingested },
        JSON.stringify(raw),
      );
    });
    this.#outbox.put(flight, frames, done);
  }

  /** Events that a sink will never get, each with its reason. */
  undelivered(flight: Flight, component: string, letters: readonly Letter[], done: () => void): void {
    const frames = letters.map(({ frame, reason, message, attempts }) =>
      this.#frame({ ...JSON.parse(frame.head), component, reason, message, attempts }, frame.data),
    );
    this.#outbox.put(flight, frames, done);
  }

  #frame(head: Omit<DeadLetterHead, "time">, data: string): Buffer {
    this.#news.tell(head.component, head.reason, head.message);
    return encodeFrame(JSON.stringify({ ...head, time: this.#clock.now() } satisfies DeadLetterHead), data);
  }
}

/** An event's id, or the place of its record if a plugin's function for the id throws. */
const idOf = ({ meta }: Event): string => {
  try {
    if (typeof meta.id === "string") return meta.id;
  } catch {
    // A plugin's function makes it, which may throw.
  }
  return `${meta.source}/${meta.stream}@${meta.position}`;
};

/** How much of a description is kept, in characters. */
const longestDescription = 64 * 1024;

/** An event's data as text for people; never throws. */
const described = (event: Event): string => {
  try {
    const text = inspect(event.data, { depth: 8, maxArrayLength: 100, maxStringLength: 1024, customInspect: false });
    return JSON.stringify({ raw: text.slice(0, longestDescription) });
  } catch (error) {
    return JSON.stringify({ raw: `the data cannot be shown: ${String((error as Error).message)}` });
  }
};
