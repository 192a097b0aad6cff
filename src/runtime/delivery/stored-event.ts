import { type Event, jsonOf, NotJson, RecordMeta } from "../../event.ts";
import type { Data } from "../../json.ts";
import { parseJson } from "../../parse-json.ts";
import type { Delivery } from "../../plugin.ts";
import type { Frame } from "../../storage/frame.ts";

/** The meta of an event as one line of JSON: the first line of its frame. */
const headOf = ({ meta }: Event): string => {
  const { source, stream, position, ingested, origin } = meta;
  const { idStart, place } = textsOf(source, stream);
  const id = meta instanceof RecordMeta && meta.hasPlaceAsId ? `${idStart}${position}"` : quoted(meta.id);
  const head = `{"id":${id}${place}${number(position)},"ingested":${number(ingested)}`;
  return origin === undefined ? `${head}}` : `${head},"origin":${originText(origin)}}`;
};

/** What the heads of all events of a stream have: most events come after one of the same stream. */
interface StreamTexts {
  readonly source: string;
  readonly stream: string;
  /** The start of an id that is the place of the event. */
  readonly idStart: string;
  /** The members from the source to the position. */
  readonly place: string;
}

let last: StreamTexts | undefined;

const textsOf = (source: string, stream: string): StreamTexts => {
  if (last?.source === source && last.stream === stream) return last;
  const idStart = quoted(`${source}/${stream}@`).slice(0, -1);
  last = { source, stream, idStart, place: `,"source":${quoted(source)},"stream":${quoted(stream)},"position":` };
  return last;
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
  readonly #frame: Pick<Frame, "head" | "data" | "dataBytes">;
  #meta: Event["meta"] | undefined;
  #data: Event["data"] | undefined;

  constructor(frame: Pick<Frame, "head" | "data" | "dataBytes">) {
    this.#frame = frame;
  }

  get json(): string {
    return this.#frame.data;
  }

  get bytes(): Uint8Array | undefined {
    return this.#frame.dataBytes;
  }

  get meta(): Event["meta"] {
    if (!this.#meta) {
      const { id, source, stream, position, ingested, origin } = JSON.parse(this.#frame.head);
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
