import type { Data } from "../json.ts";
import type { TransformComponent } from "../topology/topology.ts";
import type { Keeper } from "../transform/transform.ts";
import type { Findings } from "./findings.ts";

export interface WatchedOptions {
  readonly findings: Findings;
  /** What replaces options of the component. */
  readonly config?: object;
  readonly id?: string;
}

/** A detection component that also tells what it sends and what it leaves out. It passes its options to `detect`. */
export const watchedDetection = (
  component: TransformComponent,
  { findings, config, id = component.id }: WatchedOptions,
): TransformComponent => {
  const { plugin } = component;
  const only = new Set(findings.rules.keys());
  const { keep } = plugin;
  if (!keep) return component;
  const watched: typeof keep = (context) => {
    const keeper = keep({ ...context, config: { ...context.config, watch: findings, only } });
    const whole: Keeper = typeof keeper === "function" ? { event: keeper } : keeper;
    const { event, tick } = whole;
    const sent = (data: Data) => findings.sent(data);
    return {
      ...whole,
      event: (given, tools) => {
        const emit: typeof tools.emit = (made) => {
          tools.emit(made);
          sent(made.data);
        };
        const result = event(given, { ...tools, emit });
        if (Array.isArray(result)) for (const { data } of result) sent(data);
        return result;
      },
      ...(tick && {
        tick: (given) => {
          const emit: typeof given.emit = (made) => {
            const hasRoom = given.emit(made);
            sent(made.data);
            return hasRoom;
          };
          tick.call(keeper, { ...given, emit });
        },
      }),
    };
  };
  return {
    ...component,
    id,
    config: { ...(component.config as object), ...config },
    plugin: { ...plugin, keep: watched },
  };
};
