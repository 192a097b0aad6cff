import type { Event } from "../../event.ts";
import { type Data, isObject } from "../../json.ts";
import { parseJson } from "../../parse-json.ts";
import type { State } from "../../state.ts";
import type { Note } from "../../transform/transform.ts";
import type { EventTime } from "../event-time.ts";
import { shorten } from "../shorten.ts";

/** An event, as the alerts about it need it. */
export interface Document {
  readonly id: string;
  /** Its time on the rule's axis, in milliseconds since 1970. */
  readonly at: number;
  /** When it came, in milliseconds since 1970. */
  readonly ingested: number;
  /** The fields that were shortened. */
  readonly shortened: readonly string[];
  readonly data: Data;
}

/** The document of an event by its time on a rule's axis, and what is unusual about that time, which is noted. */
export const documentOf = (event: Event, readTime: EventTime, note: Note) => {
  const { data, meta } = event;
  const { at, note: oddity } = readTime(event);
  if (oddity) note(oddity);
  const document: Document = { id: meta.id, at, ingested: meta.ingested, shortened: [], data };
  return { document, oddity };
};

/** The document with its data shortened to `room` bytes of JSON. */
export const shortDocument = (document: Document, room: number): Document => {
  const { data, fields } = shorten(document.data, room);
  return fields.length === 0
    ? document
    : { ...document, data, shortened: [...new Set([...document.shortened, ...fields])] };
};

export const encodeDocument = ({ id, at, ingested, shortened, data }: Document): string =>
  JSON.stringify([id, at, ingested, shortened, data]);

export const decodeDocument = (text: string): Document => {
  const [id, at, ingested, shortened, data] = parseJson(text) as [string, number, number, readonly string[], unknown];
  return { id, at, ingested, shortened, data: isObject(data) ? data : {} };
};

/** The documents that keys refer to by number. Each is stored once for each key that needs it. */
export class Documents {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  get(key: string, reference: number): Document | undefined {
    const text = this.#state.get(`${key} ${reference}`);
    return text === undefined ? undefined : decodeDocument(text);
  }

  /** Throws `StateFull` if there is no room. */
  set(key: string, reference: number, document: Document): void {
    this.#state.set(`${key} ${reference}`, encodeDocument(document));
  }

  /** Forgets those of `before` that are not in `after`. */
  forget(key: string, before: Iterable<number>, after: ReadonlySet<number>): void {
    for (const reference of before) if (!after.has(reference)) this.#state.delete(`${key} ${reference}`);
  }
}
