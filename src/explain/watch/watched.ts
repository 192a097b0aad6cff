import type { TransformComponent } from "../../topology/topology.ts";
import type { Journal } from "../journal.ts";
import { watchedEach } from "./each.ts";
import { watchedKeep } from "./keep.ts";
import { watchedOperator } from "./operator.ts";
import { WatchedState } from "./state.ts";

/** The same transform, which also writes down in the journal what it does. */
export const watched = (component: TransformComponent, journal: Journal): TransformComponent => {
  const { id, plugin } = component;
  const { each, keep, create } = plugin;
  if (each) return { ...component, plugin: { ...plugin, each: (context) => watchedEach(each(context), id, journal) } };
  if (keep) {
    const watchedStep: typeof keep = (context) => {
      const state = new WatchedState(context.state);
      return watchedKeep(keep({ ...context, state }), { id, journal, state });
    };
    return { ...component, plugin: { ...plugin, keep: watchedStep } };
  }
  return {
    ...component,
    plugin: { ...plugin, create: (context) => watchedOperator(create(context), id, journal) },
  };
};
