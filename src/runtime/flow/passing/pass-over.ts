import { idOf, outputReference } from "../../../topology/reference.ts";
import type { Graph } from "../graph.ts";
import type { RunServices } from "../run-services.ts";
import { PassingOver, unscanned } from "./passing-over.ts";
import { waysFrom } from "./ways.ts";

/** Lets the sources of a graph pass over records that nobody can want, as far as that is known. */
export const passOver = (
  { components, sources, foretold }: Pick<Graph, "components" | "sources" | "foretold">,
  { ledgers, taps, scanThreads }: Pick<RunServices, "ledgers" | "taps" | "scanThreads">,
): void => {
  for (const component of components) {
    if (component.kind !== "source" || unscanned(component.host)) continue;
    const ways = waysFrom(component.id, components, foretold);
    if (!("ways" in ways)) continue;
    const passed = new Set(ways.passed.map(({ id }) => id));
    const watched = components
      .filter(({ id }) => passed.has(id))
      .flatMap(({ id, inputs }) => [
        taps.input(id),
        ...inputs.map((input) => taps.output(idOf(input), outputReference(input).output)),
      ]);
    sources.get(component.id)!.passOver(new PassingOver(ways, ledgers, watched, scanThreads));
  }
};
