import { isDeepStrictEqual } from "node:util";
import type { Event } from "../event.ts";
import { compilePath, type Field } from "../fields/path.ts";
import { addBit, type Bits, bitsOf } from "../guard/bits.ts";
import type { FieldCondition } from "../guard/guard.ts";
import type { Ending, Turning } from "../transform/passing.ts";
import { mayHold, type PlacedCondition, type Texts, textsOf } from "./leaf-texts.ts";
import { longestName } from "./limits.ts";
import { namesIn, objectPlan } from "./object-plan.ts";
import { roomForParts } from "./part-tables.ts";
import { type Envelope, type Leaf, mostAlternatives, mostLeaves, mostMembers, type ScanPlan } from "./plan.ts";
import { recordWith } from "./sample.ts";

/** How events get from a source to where they end: through transforms that make one event of each. */
export interface Way {
  readonly turned: readonly Turned[];
  readonly ending: Ending;
  /** The component where they end. */
  readonly id: string;
}

export interface Turned {
  readonly turning: Turning;
  /** Does to an event what the transform does; `undefined` if it makes no event, or several. */
  turn(event: Event): Event | undefined;
}

export interface PlanOptions {
  /** All ways that events of the source can take. */
  readonly ways: readonly Way[];
  /** Reads a record as the source does; `undefined` if it cannot. */
  read(json: string): Event | undefined;
  /** Whether lines of container runtimes come to the same as the records in them. */
  readonly takesContainerLines?: boolean;
  /** Whether the source adds no members to a record, so that the record may be an envelope. */
  readonly takesEnvelopes?: boolean;
  /** Whether a field may be added to events when they are read. */
  isAdded(path: string): boolean;
}

/** A plan for the records of a source, and what values of its leaves say. */
export interface Planned {
  readonly plan: ScanPlan;
  /** Where the value of each leaf is in a record. */
  readonly paths: readonly (readonly string[])[];
  /** What a value of a leaf, as JSON, says; without one, what it says that there is none. */
  judge(leaf: number, json: string | undefined): Bits;
  /** The fields of conditions that are not looked at, because it is not known where in a record their values are. */
  readonly unseen: readonly string[];
  /** Values that are known from the conditions themselves, as JSON. */
  readonly known: readonly { readonly leaf: number; readonly json: string }[];
}

/** A condition on the value at one place of a record. */
interface Placed extends PlacedCondition {
  readonly way: Way;
  readonly from: readonly string[];
  /** Reads the field of the condition. */
  readonly field: Field;
}

/**
 * The plan for the records of a source: what must be in a record so that its event gets through on at least one way. Returns the reason, for people, if such records cannot be distinguished from others.
 */
export const planOf = (options: PlanOptions): Planned | string => {
  const samples = new Map(options.ways.map((way) => [way, document(way, recordWith(sampleOf(way)), options)]));
  const placed: Placed[] = [];
  const unseen = new Set<string>();
  const unless = new Set<string>();
  let count = 0;
  for (const way of options.ways)
    for (const { name, alternative } of alternativesOf(way.ending)) {
      const found = placedIn(way, alternative, samples.get(way), options, { unseen, unless });
      if (found === "never") continue;
      if (found.length === 0) return `${name} of "${way.id}" may match any record`;
      for (const one of found) placed.push({ ...one, alternative: count });
      count++;
    }
  if (count > mostAlternatives) return `there are ${count} conditions, more than ${mostAlternatives}`;
  const leaves = leavesOf(placed, count);
  for (let number = 0; number < count; number++)
    if (!leaves.some(({ conditions }) => conditions.some(({ alternative }) => alternative === number)))
      return `conditions on more than ${mostLeaves} fields of records would have to be looked at`;
  const rootUnless = (asked: Iterable<string> | undefined) =>
    objectPlan(
      options.ways.flatMap(({ turned: [first] }) => (first ? first.turning : [])),
      leaves.map(({ path }) => path),
      asked,
    );
  const open = rootUnless(unless);
  const root = namesIn(open).length > mostMembers ? rootUnless(undefined) : open;
  const names = namesIn(root);
  if (names.length > mostMembers) return `${names.length} members of records would have to be known`;
  if (names.some((name) => !name.isWellFormed() || Buffer.byteLength(name) > longestName))
    return "a name in a field is too long to be looked for in the bytes of records";
  const judge = (leaf: number, json: string | undefined) => judged(leaves[leaf]!, json, options);
  return {
    plan: {
      root,
      hasPrefixes: options.takesContainerLines === true,
      envelope:
        options.takesEnvelopes === true ? envelopeIn(options.ways, unless, mostMembers - names.length) : undefined,
      alternatives: count,
      leaves: leaves.map(
        ({ open, texts }, leaf): Leaf => ({
          absent: judge(leaf, undefined),
          otherTexts: texts && open,
          parts: texts?.parts,
        }),
      ),
    },
    paths: leaves.map(({ path }) => path),
    unseen: [...unseen],
    judge,
    known: leaves.flatMap(({ texts }, leaf) =>
      (texts?.listed ?? []).map((text) => ({ leaf, json: JSON.stringify(text) })),
    ),
  };
};

/** The envelope that all ways take: without members that conditions look at, and if so many names can still be known. */
const envelopeIn = (ways: readonly Way[], unless: ReadonlySet<string>, room: number): Envelope | undefined => {
  const [first, ...others] = ways.map(({ turned }) => turned[0]?.turning.takesEnvelope);
  if (first === undefined || others.some((other) => !isDeepStrictEqual(other, first))) return undefined;
  const beside = first.beside.filter((name) => !unless.has(name));
  return beside.length < room ? { text: first.text, beside } : undefined;
};

const alternativesOf = ({ guards }: Ending) =>
  guards.flatMap(({ name, guard }) => guard.map((alternative) => ({ name, alternative })));

const sampleOf = ({ turned }: Way) => turned[0]?.turning.sample ?? {};

/** What becomes of a record on a way, before it ends. */
const document = (way: Way, json: string, { read }: PlanOptions): Event | undefined => {
  let event = read(json);
  for (const { turn } of way.turned) event &&= turn(event);
  return event;
};

/** What conditions leave behind: fields whose place in records is not known, and members without which others are. */
interface Noted {
  readonly unseen: Set<string>;
  readonly unless: Set<string>;
}

/** The conditions of an alternative whose place in records is known; or `never` if one of them holds for no event. */
const placedIn = (
  way: Way,
  conditions: readonly FieldCondition[],
  sample: Event | undefined,
  options: PlanOptions,
  { unseen, unless }: Noted,
): "never" | Omit<Placed, "alternative">[] => {
  const placed: Omit<Placed, "alternative">[] = [];
  for (const condition of conditions) {
    const origin = originOf(way, condition.path, options);
    if (!origin) {
      unseen.add(condition.path);
      continue;
    }
    if (origin.unless !== undefined) unless.add(origin.unless);
    const field = compilePath(condition.path);
    if (origin.from) placed.push({ way, condition, field, from: origin.from, asIs: origin.asIs });
    else if (sample && !field.some(sample.data, condition.test)) return "never";
  }
  return placed;
};

interface Origin {
  /** Where in a record the values of a field are; `undefined`: they are those of the sample. */
  readonly from: readonly string[] | undefined;
  readonly asIs: boolean;
  /** A member that can change the values if a record has it. */
  readonly unless: string | undefined;
}

const originOf = ({ turned }: Way, path: string, { isAdded }: PlanOptions): Origin | undefined => {
  let from: readonly string[] = path.split(".");
  let asIs = true;
  let unless: string | undefined;
  for (const [index, { turning }] of [...turned.entries()].toReversed()) {
    if (isAdded(from.join("."))) return undefined;
    const origin = turning.field(from.join("."));
    if (origin === undefined) return undefined;
    if (origin === "fixed") return { from: undefined, asIs, unless: undefined };
    // Only members of the record itself can be checked.
    if (origin.unless !== undefined && index > 0) return undefined;
    ({ unless } = origin);
    if (!("from" in origin)) return { from: undefined, asIs, unless };
    ({ from } = origin);
    asIs &&= origin.asIs === true;
  }
  return isAdded(from.join(".")) || from.includes("") ? undefined : { from, asIs, unless };
};

interface PlannedLeaf {
  readonly path: readonly string[];
  readonly conditions: readonly Placed[];
  /** The conditions of each alternative that has any. */
  readonly alternatives: readonly (readonly Placed[])[];
  /** The alternatives without conditions. */
  readonly open: Bits;
  /** What is known of all texts for which one of the conditions holds, if something is known for each condition. */
  readonly texts: Texts | undefined;
}

/** The places at which conditions of `count` alternatives look, those with the most first. */
const leavesOf = (placed: readonly Placed[], count: number): readonly PlannedLeaf[] => {
  let room = roomForParts(count);
  return [...Map.groupBy(placed, ({ from }) => JSON.stringify(from)).values()]
    .toSorted((a, b) => b.length - a.length)
    .slice(0, mostLeaves)
    .map((conditions) => {
      const byAlternative = Map.groupBy(conditions, ({ alternative }) => alternative);
      const others = Array.from({ length: count }, (_, number) => number).filter(
        (number) => !byAlternative.has(number),
      );
      const texts = textsOf(conditions, count, room);
      room -= texts?.parts?.length ?? 0;
      return {
        path: conditions[0]!.from,
        conditions,
        alternatives: [...byAlternative.values()],
        open: bitsOf(others, count),
        texts,
      };
    });
};

/** The alternatives that can hold with a value: their conditions are tried on what becomes of a record that has it. */
const judged = ({ path, alternatives, open }: PlannedLeaf, json: string | undefined, options: PlanOptions): Bits => {
  const bits = open.slice();
  const events = new Map<Way, Event | undefined>();
  const value: unknown = json === undefined ? undefined : JSON.parse(json);
  for (const own of alternatives) {
    if (!own.every((one) => mayHold(one, value))) continue;
    const { way, alternative } = own[0]!;
    if (!events.has(way)) events.set(way, document(way, recordWith(sampleOf(way), path, json), options));
    const event = events.get(way);
    if (!event || own.every(({ field, condition }) => field.some(event.data, condition.test)))
      addBit(bits, alternative);
  }
  return bits;
};
