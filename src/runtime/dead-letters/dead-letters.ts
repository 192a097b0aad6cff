import { inspect } from "node:util";
import type { Rejection } from "../../batch.ts";
import type { Clock } from "../../clock.ts";
import type { DecodeFailure } from "../../decode/decoder.ts";
import type { Encoding } from "../../encodings.ts";
import { type Event, jsonOf, type Meta, NotJson } from "../../event.ts";
import type { Data } from "../../json.ts";
import type { Log } from "../../plugin.ts";
import { FrameWriter } from "../../storage/frame.ts";
import type { Letter } from "../delivery/delivery.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { Flight } from "../flow/flight.ts";
import { DeadLetterLog } from "./log.ts";

export { deadLetterOutbox } from "../../storage/dead-letter-index.ts";

/** The first line of a dead letter's frame: why the event or record is there. Times are in milliseconds since 1970. */
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
  /** Where the record is from, with ECS names. */
  readonly origin?: Data | undefined;
  /** The encoding of a record that could not be decoded, unless it is UTF-8. */
  readonly encoding?: Encoding;
}

/** The reason of dead letters that hold only a description of an event, because JSON cannot represent its data. */
export const notJsonData = "not_json_data";

/** Writes events and records that cannot be processed to the dead letter, each with its reason. */
export class DeadLetters {
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #log: DeadLetterLog;
  readonly #frames = new FrameWriter();

  constructor(outbox: Outbox, clock: Clock, log: (component: string) => Log) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#log = new DeadLetterLog(log, clock);
  }

  /** Writes events that a transform rejected, in the commit of their batch. */
  reject(flight: Flight, component: string, rejections: readonly Rejection[], done: () => void): void {
    for (const { event, reason, message } of rejections) {
      const { source, stream, position, ingested, origin } = event.meta;
      const place = { source, stream, position, ingested, ...(origin && { origin }) };
      const head = { id: idOf(event), component, reason, message, attempts: 1, ...place };
      const data = jsonOf(event);
      if (!(data instanceof NotJson)) this.#add(head, data);
      else {
        const why = message === data.message ? message : `${message} (and ${data.message})`;
        this.#add({ ...head, reason: notJsonData, message: why }, described(event));
      }
    }
    this.#outbox.put(flight, this.#frames.take(), done);
  }

  /** Writes records that the decoder could not read: as text or, if they are not UTF-8, in base64. */
  undecoded(
    flight: Flight,
    place: Pick<Meta, "source" | "stream" | "origin">,
    failures: readonly DecodeFailure[],
    ingested: number,
    done: () => void,
  ): void {
    for (const { position, reason, message, head, encoding, part } of failures) {
      const { source, stream, origin } = { ...place, ...part };
      const id = `${source}/${stream}@${position}`;
      const text = head.toString("utf8");
      const isText = encoding === undefined && Buffer.from(text, "utf8").equals(head);
      const raw = isText ? { raw: text } : { raw_base64: head.toString("base64") };
      this.#add(
        {
          id,
          component: source,
          reason,
          message,
          attempts: 1,
          source,
          stream,
          position,
          ingested,
          ...(origin && { origin }),
          ...(encoding && { encoding }),
        },
        JSON.stringify(raw),
      );
    }
    this.#outbox.put(flight, this.#frames.take(), done);
  }

  /** Writes events that a sink cannot deliver, each with its reason. */
  undelivered(flight: Flight, component: string, letters: readonly Letter[], done: () => void): void {
    for (const { frame, reason, message, attempts } of letters)
      this.#add({ ...JSON.parse(frame.head), component, reason, message, attempts }, frame.data);
    this.#outbox.put(flight, this.#frames.take(), done);
  }

  #add(head: Omit<DeadLetterHead, "time">, data: string): void {
    this.#log.add(head.component, head.reason, head.message);
    this.#frames.add(JSON.stringify({ ...head, time: this.#clock.now() } satisfies DeadLetterHead), data);
  }
}

/** The id of an event; the position of its record if the plugin's function for the id throws. */
const idOf = ({ meta }: Event): string => {
  try {
    if (typeof meta.id === "string") return meta.id;
  } catch {
    // The id comes from a function of the plugin, which may throw.
  }
  return `${meta.source}/${meta.stream}@${meta.position}`;
};

/** The largest description of an event, in characters. */
const longestDescription = 64 * 1024;

/** A readable description of an event's data. Never throws. */
const described = (event: Event): string => {
  try {
    const text = inspect(event.data, { depth: 8, maxArrayLength: 100, maxStringLength: 1024, customInspect: false });
    return JSON.stringify({ raw: text.slice(0, longestDescription) });
  } catch (error) {
    return JSON.stringify({ raw: `the data cannot be shown: ${String((error as Error).message)}` });
  }
};
