import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toMermaid } from "./mermaid.ts";
import { type Component, topologyOf } from "./topology.ts";

const component = (id: string, kind: Component["kind"], inputs: readonly string[] = []) =>
  ({ id, kind, inputs, plugin: { name: `${kind}_plugin` }, config: {}, host: {} }) as unknown as Component;

/** Graphs without cycles, in shuffled order: an edge goes from a lower number to a higher one. */
const graphs = fc
  .array(
    fc.array(fc.nat({ max: 11 }), { maxLength: 3 }).map((inputs) => new Set(inputs)),
    { minLength: 1, maxLength: 12 },
  )
  .map((rows) =>
    rows.map((inputs, index) => {
      const ids = [...inputs].filter((input) => input < index).map(String);
      return component(String(index), ids.length === 0 ? "source" : "transform", ids);
    }),
  )
  .chain((components) => fc.shuffledSubarray(components, { minLength: components.length }));

/** Ids reached from `start` by walking edges one at a time, over and over, until nothing new comes. */
const walk = (components: readonly Component[], start: string, bothWays: boolean): Set<string> => {
  const reached = new Set([start]);
  for (let size = 0; size < reached.size; ) {
    size = reached.size;
    for (const { id, inputs } of components)
      for (const input of inputs) {
        if (reached.has(id)) reached.add(input);
        if (bothWays && reached.has(input)) reached.add(id);
      }
  }
  return reached;
};

describe("topologyOf", () => {
  it("puts every component after its inputs, and keeps the order of the file where it may", () => {
    fc.assert(
      fc.property(graphs, (components) => {
        const ids = topologyOf(components).components.map(({ id }) => id);
        expect([...ids].sort()).toEqual(components.map(({ id }) => id).sort());
        for (const { id, inputs } of components)
          for (const input of inputs) expect(ids.indexOf(input)).toBeLessThan(ids.indexOf(id));
      }),
    );
    const { components } = topologyOf([
      component("b", "source"),
      component("a", "source"),
      component("c", "sink", ["a"]),
    ]);
    expect(components.map(({ id }) => id)).toEqual(["b", "a", "c"]);
  });

  it("knows outputs, sources and groups as a walk over the edges does", () => {
    fc.assert(
      fc.property(graphs, (components) => {
        const { groups, outputs, sourcesOf } = topologyOf(components);
        expect(groups.flat().sort()).toEqual(components.map(({ id }) => id).sort());
        for (const { id } of components) {
          const takers = components.filter(({ inputs }) => inputs.includes(id)).map((taker) => taker.id);
          expect([...outputs(id)].sort()).toEqual(takers.sort());
          const upstream = walk(components, id, false);
          const sources = components.filter(({ kind }) => kind === "source").map((source) => source.id);
          expect([...sourcesOf(id)].sort()).toEqual(sources.filter((source) => upstream.has(source)).sort());
          expect(new Set(groups.find((group) => group.includes(id)))).toEqual(walk(components, id, true));
        }
      }),
    );
  });
});

it("draws a flowchart", () => {
  const topology = topologyOf([
    component("logs", "source"),
    component("keep", "transform", ["logs"]),
    component("out.file", "sink", ["keep", "logs"]),
  ]);
  expect(toMermaid(topology)).toBe(`flowchart LR
  c0(["logs<br/>source_plugin"])
  c1["keep<br/>transform_plugin"]
  c2[("out.file<br/>sink_plugin")]
  c0 --> c1
  c1 --> c2
  c0 --> c2
`);
});
