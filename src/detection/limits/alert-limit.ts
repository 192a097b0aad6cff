import { type FieldTypes, mappingWith } from "../../fields/mappings.ts";
import { fieldValues } from "../../fields/values.ts";
import type { Data } from "../../json.ts";
import { type State, StateFull } from "../../state.ts";
import { TimedKeys } from "../../timed-keys/timed-keys.ts";
import type { Note, Revealed, Tick } from "../../transform/transform.ts";
import { timeText } from "../event-time.ts";
import { type Hash, tuple } from "../hash.ts";
import type { Rule } from "../rule.ts";
import { decodeHeld, encodeHeld, type Held, shownTerm } from "./held.ts";
import { summaryOf } from "./summary.ts";

export interface AlertLimitOptions {
  readonly rule: Rule;
  /** Why alerts are held back: the reason that is counted. */
  readonly by: "suppressed" | "capped";
  /** How many alerts of a group pass within a time, in milliseconds since the first of them. */
  readonly most: number;
  readonly within: number;
  /** Alerts with the same values in these fields are a group; without a field, all are. */
  readonly fields: readonly string[];
  /** The types of these, in place of those of ECS. */
  readonly types?: FieldTypes;
  /** Alerts without a value in one of the fields pass, and are in no group. */
  readonly skipsMissing: boolean;
  /** For this limit alone. Its `wake` reaches the host. */
  readonly state: State;
  readonly hash: Hash;
}

interface Alert {
  readonly id: string;
  readonly data: Data;
}

/**
 * Lets the first alerts of a group pass, and counts those that come within a time after the first. When that time is over, a
 * summary tells how many were held back. Time is when weir received the event, or when it noticed what had not come. If
 * there is no room to remember a group, its alerts pass, with the note `state_full`.
 */
export class AlertLimit {
  readonly #options: AlertLimitOptions;
  readonly #keys: TimedKeys;
  readonly #readers: readonly ((data: Data) => readonly string[])[];

  constructor(options: AlertLimitOptions) {
    this.#options = options;
    this.#keys = new TimedKeys(options.state);
    this.#readers = options.fields.map((field) => fieldValues(field, mappingWith(field, options.types)));
  }

  get by(): AlertLimitOptions["by"] {
    return this.#options.by;
  }

  /** The fields for an alert that passes; `undefined` if it is held back. `emit` sends a summary. */
  judge(
    { id, data }: Alert,
    at: number,
    { note, emit }: { note: Note; emit(summary: Revealed): unknown },
  ): Data | undefined {
    const { by, most, within, skipsMissing, fields, hash } = this.#options;
    const values = this.#readers.map((read) => read(data).toSorted());
    if (skipsMissing && values.some(({ length }) => length === 0)) return {};
    const key = hash(tuple([by, ...fields, ...values.map(tuple)]));
    const before = this.#known(key, at, emit);
    const passes = !before || before.passed < most;
    const after = before ?? {
      start: at,
      passed: 0,
      held: 0,
      last: at,
      alert: id,
      terms: fields.map((field, index) => shownTerm(field, values[index]!)),
    };
    const next = passes
      ? { ...after, passed: after.passed + 1 }
      : { ...after, held: after.held + 1, last: Math.max(after.last, at) };
    try {
      this.#keys.set(key, encodeHeld(next), next.start + within);
    } catch (error) {
      if (!(error instanceof StateFull)) throw error;
      note("state_full");
      return {};
    }
    if (!passes) return undefined;
    return by === "suppressed" ? this.#passing(key, next) : {};
  }

  /** Sends the summaries of the groups whose time is over. False when the tick is full. */
  tick(tick: Pick<Tick, "now" | "final" | "emit">): boolean {
    let hasRoom = true;
    this.#keys.tick(tick, (key, text, isFull) => {
      const held = decodeHeld(text);
      const due = held.start + this.#options.within;
      if (!tick.final && due > tick.now) return { value: text, due };
      if (held.held > 0 && !tick.emit(this.#summary(key, held, Math.min(due, tick.now)))) {
        hasRoom = false;
        isFull();
      }
      return undefined;
    });
    return hasRoom;
  }

  /** The group, if its time is not over; otherwise its summary is sent now, before the tick that would send it. */
  #known(key: string, at: number, emit: (summary: Revealed) => unknown): Held | undefined {
    const text = this.#keys.get(key);
    const known = text === undefined ? undefined : decodeHeld(text);
    const end = known && known.start + this.#options.within;
    if (end === undefined || at < end) return known;
    if (known!.held > 0) emit(this.#summary(key, known!, end));
    this.#keys.delete(key);
    return undefined;
  }

  /** As Elastic writes them into the alert that stands for the others. */
  #passing(key: string, { start, terms }: Held): Data {
    return {
      "kibana.alert.instance.id": key,
      "kibana.alert.suppression.terms": terms,
      "kibana.alert.suppression.start": timeText(start),
      "kibana.alert.suppression.end": timeText(start),
      "kibana.alert.suppression.docs_count": 0,
    };
  }

  #summary(key: string, held: Held, end: number): Revealed {
    const { rule, by } = this.#options;
    const data = summaryOf({ rule, by, held, end });
    return {
      id: `${rule.id} ${by} ${key} ${held.start} ${held.alert}`,
      data: { ...data, "kibana.alert.instance.id": key },
    };
  }
}
