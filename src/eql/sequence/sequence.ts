import type { Guard } from "../../guard/guard.ts";
import type { Data } from "../../json.ts";
import type { EqlCondition } from "../condition.ts";
import type { AccessOf } from "../fields.ts";
import { compileFilter } from "../filter.ts";
import { guardOfFilters } from "../guard.ts";
import { compileKeys, type JoinKey } from "../keys.ts";
import type { EqlItem, EqlPipe, EqlSequence } from "../node.ts";
import type { SequencePlan } from "./plan.ts";

/** What an event means for the state machine of one key. */
export interface SequenceHit {
  readonly key: JoinKey;
  readonly stages: readonly number[];
  readonly isUntil: boolean;
}

/** A sequence query, compiled. */
export interface CompiledSequence {
  readonly type: "sequence";
  /** For a `SequenceMatcher`. */
  readonly plan: SequencePlan;
  /** The fields by which events are joined; of those that differ, the ones of the first event. */
  readonly by: readonly string[];
  /** What an event means, for each key that it has. Throws an `EqlError` for an event with too many keys. */
  readonly hits: (data: Data) => readonly SequenceHit[];
  /** What must hold so that an event can mean something, or be one for which `hits` throws. */
  readonly guard: Guard;
  readonly pipes: readonly EqlPipe[];
}

interface Item {
  readonly isTrue: EqlCondition;
  readonly keys: (data: Data) => readonly JoinKey[];
}

interface Stage extends Item {
  readonly stages: readonly number[];
}

export const compileSequence = (query: EqlSequence, access: AccessOf, category: string): CompiledSequence => {
  const compile = ({ filter, by }: EqlItem): Item => ({
    isTrue: compileFilter(filter, access, category),
    keys: compileKeys([...query.by, ...by], access),
  });
  let count = 0;
  const items = query.items.map((item): Stage => {
    const stages = Array.from({ length: item.runs }, () => count++);
    return { ...compile(item), stages };
  });
  const until = query.until && compile(query.until);
  const missing = query.items.flatMap((item) => Array.from({ length: item.runs }, () => item.missing));
  return {
    type: "sequence",
    plan: { missing, maxspan: query.maxspan },
    by: [...query.by, ...query.items[0]!.by].map(({ name }) => name),
    hits: (data) => hitsOf(data, items, until),
    guard: guardOfFilters(
      [...query.items, ...(query.until ? [query.until] : [])].map(({ filter }) => filter),
      access,
      category,
    ),
    pipes: query.pipes,
  };
};

const none: readonly SequenceHit[] = [];

const hitsOf = (data: Data, items: readonly Stage[], until: Item | undefined): readonly SequenceHit[] => {
  let hits: Map<string, { key: JoinKey; stages: number[]; isUntil: boolean }> | undefined;
  const hit = (key: JoinKey) => {
    hits ??= new Map();
    const known = hits.get(key.text) ?? { key, stages: [], isUntil: false };
    hits.set(key.text, known);
    return known;
  };
  for (const { isTrue, keys, stages } of items)
    if (isTrue(data)) for (const key of keys(data)) hit(key).stages.push(...stages);
  if (until?.isTrue(data)) for (const key of until.keys(data)) hit(key).isUntil = true;
  return hits ? [...hits.values()] : none;
};
