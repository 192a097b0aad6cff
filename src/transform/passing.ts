import type { Guard } from "../guard/guard.ts";
import type { Data } from "../json.ts";

/**
 * What a transform declares about events in advance. With it, the host can skip records that no component can need, without
 * making events of them. It is an `Ending`, a `Turning`, or a text that explains to people why it is neither.
 */
export type Passing = Ending | Turning | string;

/**
 * If none of the guards holds for an event, the transform consumes it with this reason. The event then has no other effect: it
 * changes no state and does not affect other events.
 */
export interface Ending {
  readonly guards: readonly NamedGuard[];
  /** The reason under which they are counted. */
  readonly consumed: string;
  /** Returns true while the transform needs every event. Once it has returned false, it must stay false until the next start. */
  readonly needsAll?: (() => boolean) | undefined;
}

export interface NamedGuard {
  /** The name of a rule, or of the option with the query, to show to people. */
  readonly name: string;
  readonly guard: Guard;
}

/**
 * A step that turns each event that matches `members` into exactly one event, and declares where the values of the new event
 * come from.
 */
export interface Turning {
  /** The members that an event's data must have. */
  readonly members: Readonly<Record<string, TurningMember>>;
  /** Whether the data may have other members. They must not affect the fields that `field` knows, except as its `unless` says. */
  readonly hasOthers: boolean;
  /** Whether the step also takes events of the text codec, `{ message }`, if `message` is a JSON object that matches `members`. */
  readonly takesText?: boolean;
  /** Whether the step takes a line of a container runtime (CRI) in the same way: `<time> stdout F <object>`, or `stderr`. */
  readonly takesContainerLines?: boolean;
  /**
   * The step also takes an object that contains such data as JSON text in the member `text`, with the same result. The object may have
   * only the members `beside` as well, which become fields of the same names, or none. Data that matches `members` must require a member
   * that the object does not have.
   */
  readonly takesEnvelope?: { readonly text: string; readonly beside: readonly string[] };
  /** A small example of data that matches `members`. */
  readonly sample: Data;
  /** Where the values of a field of the new event come from; `undefined` if unknown. */
  field(path: string): FieldOrigin | undefined;
}

/** What the values of a field depend on, and nothing else. */
export type FieldOrigin =
  /**
   * The value at this path of the incoming event, with one name per level. If a part of the path is not an object, the field
   * has no value. `asIs`: if the value is a string that is not empty, it is the field's only value. `unless`: none of this is
   * certain if the incoming event has a member of this name.
   */
  | { readonly from: readonly string[]; readonly asIs?: boolean; readonly unless?: string }
  /** Nothing: the values are always those of the sample, unless the incoming event has a member of this name. */
  | { readonly unless: string }
  /** Nothing: the values are always those of the sample. */
  | "fixed";

/** A member of an event's data, or of an object in it. */
export interface TurningMember {
  /** Its allowed JSON types. Default: any. */
  readonly types?: readonly JsonType[];
  /** Whether it must exist. A string must also not be empty. */
  readonly isRequired?: boolean;
  /** Its members, if it is an object. There may be others. */
  readonly members?: Readonly<Record<string, TurningMember>>;
}

export type JsonType = "string" | "number" | "boolean" | "null" | "object" | "array";

export const isTurning = (passing: Passing): passing is Turning => typeof passing === "object" && "members" in passing;
