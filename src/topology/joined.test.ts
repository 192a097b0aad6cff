import fc from "fast-check";
import { expect, it } from "vitest";
import { joinedTo } from "./joined.ts";
import type { Topology } from "./topology.ts";

type Graph = Pick<Topology, "components">;

/** Components "0", "1" …, each with inputs among the earlier ones; now and then an output of one. */
const graph = fc.array(fc.array(fc.nat({ max: 11 }), { maxLength: 3 }), { maxLength: 12 }).map(
  (inputs): Graph => ({
    components: inputs.map((from, index) => ({
      id: String(index),
      inputs: from.filter((other) => other < index).map((other) => (other % 3 === 0 ? `${other}.odd` : String(other))),
    })) as unknown as Topology["components"],
  }),
);

/** Adds neighbours until nothing changes. */
const plainly = (changed: ReadonlySet<string>, graphs: readonly Graph[]): Set<string> => {
  const joined = new Set(changed);
  for (let before = -1; before < joined.size; ) {
    before = joined.size;
    for (const { id, inputs } of graphs.flatMap(({ components }) => components))
      for (const input of inputs.map((name) => name.split(".")[0]!))
        if (joined.has(id) || joined.has(input)) joined.add(id).add(input);
  }
  return joined;
};

it("is what a plain search finds, in both graphs together", () => {
  fc.assert(
    fc.property(graph, graph, fc.array(fc.nat({ max: 11 }).map(String), { maxLength: 3 }), (old, next, ids) => {
      const changed = new Set(ids);
      expect(joinedTo(changed, old, next)).toEqual(plainly(changed, [old, next]));
    }),
  );
});
