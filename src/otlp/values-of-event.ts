import { ExactNumber } from "../exact-number.ts";
import { type Data, isObject } from "../json.ts";
import { pointerTo, repeatedPointer } from "./event-text.ts";
import { type AnyValue, type KeyValue, ValueMap } from "./model.ts";

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

/** Turns JSON values of an event into values of OpenTelemetry, by the notes that the source `otlp` has left in `otlp`. */
export class EventValues {
  readonly #bytes: ReadonlySet<unknown>;
  readonly #doubles: ReadonlySet<unknown>;
  readonly #repeated: Data | undefined;
  /** Whether there are notes at all. */
  readonly #hasNotes: boolean;

  constructor(notes: unknown) {
    const own = isObject(notes) ? notes : {};
    this.#bytes = setOf(own["bytes"]);
    this.#doubles = setOf(own["doubles"]);
    this.#repeated = isObject(own["repeated"]) ? own["repeated"] : undefined;
    this.#hasNotes = this.#bytes.size + this.#doubles.size > 0 || this.#repeated !== undefined;
  }

  /** The value at a pointer. */
  value(json: unknown, pointer: string): AnyValue {
    if (typeof json === "string") return this.#text(json, pointer);
    if (typeof json === "boolean") return json;
    if (typeof json === "number") return this.#number(json, pointer);
    if (json instanceof ExactNumber) return this.#exact(json, pointer);
    if (Array.isArray(json))
      return json.map((item, index) => this.value(item, this.#hasNotes ? `${pointer}/${index}` : ""));
    return isObject(json) ? new ValueMap(this.entries(json, pointer)) : null;
  }

  /** The members of the object at a pointer. */
  entries(object: Data, pointer: string): KeyValue[] {
    const entries: KeyValue[] = [];
    for (const [key, json] of Object.entries(object)) {
      const at = this.#hasNotes ? pointerTo(pointer, key) : "";
      entries.push([key, this.value(json, at)]);
      const more = this.#repeated?.[at];
      if (Array.isArray(more))
        for (const [index, item] of more.entries()) entries.push([key, this.value(item, repeatedPointer(at, index))]);
    }
    return entries;
  }

  #text(text: string, pointer: string): AnyValue {
    if (!this.#hasNotes) return text;
    if (this.#bytes.has(pointer)) return Buffer.from(text, "base64");
    const isDouble = this.#doubles.has(pointer) && /^(?:NaN|-?Infinity)$/.test(text);
    return isDouble ? Number(text) : text;
  }

  #number(number: number, pointer: string): AnyValue {
    return Number.isSafeInteger(number) && !this.#doubles.has(pointer) ? BigInt(number) : number;
  }

  #exact(number: ExactNumber, pointer: string): AnyValue {
    if (!/^-?\d{1,19}$/.test(number.text) || this.#doubles.has(pointer)) return Number(number);
    const integer = BigInt(number.text);
    return integer >= least && integer <= most ? integer : Number(number);
  }
}

const setOf = (list: unknown): ReadonlySet<unknown> => new Set(Array.isArray(list) ? list : []);
