import type { JsonType, Turning, TurningMember } from "../transform/passing.ts";
import type { MemberPlan, ObjectPlan } from "./plan.ts";

/** A plan of an object while it is made. */
interface Draft {
  types: ReadonlySet<JsonType>;
  isRequired: boolean;
  leaf: number | undefined;
  readonly members: Map<string, Draft>;
}

const allTypes: readonly JsonType[] = ["string", "number", "boolean", "null", "object", "array"];

const newDraft = (): Draft => ({ types: new Set(allTypes), isRequired: false, leaf: undefined, members: new Map() });

/**
 * What transforms say of a record, with the places of leaves, in the order of their numbers. `unless`: members with which a record
 * is asked; `undefined`: all others are such.
 */
export const objectPlan = (
  turnings: readonly Turning[],
  leaves: readonly (readonly string[])[],
  unless: Iterable<string> | undefined,
): ObjectPlan => {
  const root = newDraft();
  let hasOthers = unless !== undefined;
  for (const name of unless ?? []) memberOf(root, name).types = new Set();
  for (const turning of turnings) {
    hasOthers &&= turning.hasOthers;
    restrict(root, turning.members);
  }
  for (const [leaf, path] of leaves.entries()) {
    let at = root;
    for (const name of path) at = memberOf(at, name);
    at.leaf = leaf;
  }
  return { ...planOf(root), others: hasOthers ? "free" : "asked" };
};

/** The names of all members that a plan knows. */
export const namesIn = ({ members }: ObjectPlan): readonly string[] =>
  [...members].flatMap(([name, { object }]) => [name, ...(object ? namesIn(object) : [])]);

const restrict = (draft: Draft, members: Readonly<Record<string, TurningMember>>): void => {
  for (const [name, { types = allTypes, isRequired = false, members: below }] of Object.entries(members)) {
    const member = memberOf(draft, name);
    member.types = member.types.intersection(new Set(types));
    member.isRequired ||= isRequired;
    if (below) restrict(member, below);
  }
};

const memberOf = ({ members }: Draft, name: string): Draft => {
  const known = members.get(name);
  if (known) return known;
  const member = newDraft();
  members.set(name, member);
  return member;
};

const planOf = ({ members }: Draft): ObjectPlan => ({
  members: new Map([...members].map(([name, draft]) => [name, memberPlan(draft)])),
  others: "free",
  hasPaths: true,
});

const memberPlan = (draft: Draft): MemberPlan => ({
  types: [...draft.types],
  ...(draft.isRequired && { isRequired: true }),
  ...(draft.leaf !== undefined && { leaf: draft.leaf }),
  ...(draft.members.size > 0 && { object: planOf(draft) }),
});
