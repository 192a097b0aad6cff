import type { Way } from "../../../scan/plan-of.ts";
import { idOf } from "../../../topology/reference.ts";
import type { Component } from "../../../topology/topology.ts";
import { isTurning } from "../../../transform/passing.ts";
import type { Foretold } from "../../../transform/passing-of.ts";

/** The ways that events of a source take until they end. */
export interface Ways {
  readonly ways: readonly Way[];
  /** The components on them, with the reason under which those count events that end them. One may be there several times. */
  readonly passed: readonly { readonly id: string; readonly consumed?: string }[];
}

/** A component that takes every event, and why. */
export interface Taker {
  readonly id: string;
  readonly why: string;
}

/**
 * Finds all ways of the events of a source. If there is a component on them that takes every event, nothing can be passed
 * over; they are returned instead.
 */
export const waysFrom = (
  source: string,
  components: readonly Component[],
  foretold: ReadonlyMap<string, Foretold>,
): Ways | readonly Taker[] => {
  const ways: Way[] = [];
  const passed: { id: string; consumed?: string }[] = [];
  const takers: Taker[] = [];
  const { baselineOf } = components.find(({ id }) => id === source)!;
  if (baselineOf !== undefined) return [{ id: baselineOf, why: "it learns from every event of its baseline" }];
  const follow = (from: string, turned: Way["turned"]): void => {
    for (const { id, kind, inputs } of components)
      for (const input of inputs) {
        if (idOf(input) !== from) continue;
        const said = foretold.get(id);
        if (kind !== "transform" || !said) takers.push({ id, why: "it writes every event" });
        else if (typeof said.passing === "string") takers.push({ id, why: said.passing });
        else if (isTurning(said.passing)) {
          passed.push({ id });
          follow(id, [...turned, { turning: said.passing, turn: (event) => said.turn(event) }]);
        } else {
          passed.push({ id, consumed: said.passing.consumed });
          ways.push({ id, turned, ending: said.passing });
        }
      }
  };
  follow(source, []);
  if (takers.length > 0) return takers;
  return ways.length > 0 ? { ways, passed } : [{ id: source, why: "nothing reads it" }];
};
