import { idOf } from "./reference.ts";
import type { Topology } from "./topology.ts";

/**
 * All components that have to be replaced with the changed ones on the way from one topology to another: those that are
 * connected to one of them in either, directly or through others.
 */
export const joinedTo = (
  changed: ReadonlySet<string>,
  ...topologies: readonly Pick<Topology, "components">[]
): Set<string> => {
  const neighbours = new Map<string, Set<string>>();
  const join = (one: string, other: string) => neighbours.set(one, (neighbours.get(one) ?? new Set()).add(other));
  for (const { id, inputs } of topologies.flatMap(({ components }) => components))
    for (const input of inputs) {
      join(id, idOf(input));
      join(idOf(input), id);
    }
  const joined = new Set(changed);
  // A set is walked in the order of its additions, those during the walk included.
  for (const id of joined) for (const other of neighbours.get(id) ?? []) joined.add(other);
  return joined;
};
