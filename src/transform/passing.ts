import type { Guard } from "../guard/guard.ts";
import type { Data } from "../json.ts";

/**
 * What a transform says in advance of events that it has not seen, so that a record that nobody can want need not become an
 * event. It is either an end, or a turning; a text says why it is neither, for people.
 */
export type Passing = Ending | Turning | string;

/**
 * Events for which none of the guards holds are consumed here for this reason, and that is all that becomes of them: they
 * change no state, and have no effect on other events.
 */
export interface Ending {
  readonly guards: readonly NamedGuard[];
  /** The reason under which they are counted. */
  readonly consumed: string;
  /** If given: whether every event must come at present. Once it returned false, it does so until the next start. */
  readonly needsAll?: (() => boolean) | undefined;
}

export interface NamedGuard {
  /** For people: the name of a rule, or the option with a query. */
  readonly name: string;
  readonly guard: Guard;
}

/**
 * A step that makes exactly one event of each event that is as `members` says. Where the values of the new event come from is
 * known.
 */
export interface Turning {
  /** What is known of the members of an event's data. */
  readonly members: Readonly<Record<string, TurningMember>>;
  /** Whether there may be others, without any effect on the fields that `field` knows. */
  readonly hasOthers: boolean;
  /** The same holds for an event of the text codec, `{ message }`, of which `message` is a JSON object that is as `members` says. */
  readonly takesText?: boolean;
  /** … and of a line of a container runtime (CRI), `<time> stdout F <object>`, of which the rest is such an object. */
  readonly takesContainerLines?: boolean;
  /** A small example of an event's data that is as `members` says. */
  readonly sample: Data;
  /** Where the values of a field of the new event come from; `undefined` if that is not known. */
  field(path: string): FieldOrigin | undefined;
}

/** The values of a field depend on nothing else than this. */
export type FieldOrigin =
  /**
   * On the value at this path, a name for each level, of the event that comes in. Each object on the way is an object, or
   * the field has no value. `asIs`: a text that is not empty has itself as its only value.
   */
  | { readonly from: readonly string[]; readonly asIs?: boolean }
  /** On nothing: they are always those of the sample. */
  | "fixed";

/** A member of an event's data, or of an object in it. */
export interface TurningMember {
  /** The JSON types that it may have; by default any. */
  readonly types?: readonly JsonType[];
  /** Whether it must be there. If it is a text, it must not be empty. */
  readonly isRequired?: boolean;
  /** Members of it, if it is an object. There may be others. */
  readonly members?: Readonly<Record<string, TurningMember>>;
}

export type JsonType = "string" | "number" | "boolean" | "null" | "object" | "array";

export const isTurning = (passing: Passing): passing is Turning => typeof passing === "object" && "members" in passing;
