import { type Event, jsonOf, NotJson, RecordMeta } from "../../event.ts";
import type { Data } from "../../json.ts";
import { parseJson } from "../../parse-json.ts";
import type { Delivery } from "../../plugin.ts";
import type { Frame } from "../../storage/frame.ts";

/** The meta of an event as one line of JSON: the first line of its frame. */
const headOf = ({ meta }: Event): string => {
  const { id, source, stream, position, ingested, origin } = meta;
  const head = `{"id":${quoted(id)},"source":${quoted(source)},"stream":${quoted(stream)},"position":${number(position)},"ingested":${number(ingested)}`;
  return origin === undefined ? `${head}}` : `${head},"origin":${originText(origin)}}`;
};

/** Texts that JSON writes as they are. */
const isPlain = /^[ !#-[\]-~]*$/;

/** As JSON.stringify writes it, for which a call takes longer than the rest of the head. */
const quoted = (text: string): string => (isPlain.test(text) ? `"${text}"` : JSON.stringify(String(text)));

const number = (value: number): number | string => (Number.isSafeInteger(value) ? value : JSON.stringify(value));

/** All events of a stream share their origin. */
const originTexts = new WeakMap<Data, string>();

const originText = (origin: Data): string => {
  const known = originTexts.get(origin) ?? JSON.stringify(origin);
  originTexts.set(origin, known);
  return known;
};

/** The two lines of an event's frame, or the reason why it cannot be written. Never throws. */
export const linesOf = (event: Event): Pick<Frame, "head" | "data"> | NotJson => {
  const data = jsonOf(event);
  if (data instanceof NotJson) return data;
  try {
    return { head: headOf(event), data };
  } catch (error) {
    return new NotJson(`cannot compute the event's id: ${(error as Error).message}`);
  }
};

/** An event from a frame. Its meta and data are parsed when they are first read. */
export class StoredEvent implements Delivery {
  readonly json: string;
  readonly #head: string;
  #meta: Event["meta"] | undefined;
  #data: Event["data"] | undefined;

  constructor({ head, data }: Pick<Frame, "head" | "data">) {
    this.json = data;
    this.#head = head;
  }

  get meta(): Event["meta"] {
    if (!this.#meta) {
      const { id, source, stream, position, ingested, origin } = JSON.parse(this.#head);
      this.#meta = new RecordMeta(source, stream, position, ingested, id, undefined, origin);
    }
    return this.#meta;
  }

  get id(): string {
    return this.meta.id;
  }

  get data(): Event["data"] {
    this.#data ??= parseJson(this.json) as Event["data"];
    return this.#data;
  }
}
