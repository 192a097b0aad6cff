import type { OperatorFunction, SchedulerLike } from "rxjs";
import type { Batch } from "../batch.ts";
import type { Context } from "../context.ts";
import { kindOf } from "../json.ts";
import type { State } from "../state.ts";
import type { BulkStep, EachStep, Keeper, KeepStep, Transform } from "./transform.ts";

/** What the host gives to transforms in addition to the context of every component. */
export interface TransformPowers {
  readonly state: () => State;
  readonly scheduler: () => SchedulerLike;
}

/** A built transform: its shape, and what the function of that shape returned. */
export type Built =
  | { readonly shape: "each"; readonly step: EachStep | BulkStep }
  | { readonly shape: "keep"; readonly step: KeepStep | Keeper }
  | { readonly shape: "create"; readonly operator: OperatorFunction<Batch, Batch> };

/** The names of a transform's outputs besides the default one. Throws if they are not a list of strings. */
// biome-ignore lint/suspicious/noExplicitAny: a transform of any options.
export const namedOutputs = (plugin: Transform<any>, config: unknown): readonly string[] => {
  const { outputs } = plugin;
  if (outputs === undefined) return [];
  const names: unknown = typeof outputs === "function" ? plugin.outputs?.(config as never) : outputs;
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  throw new Error(`outputs of the plugin "${plugin.name}" did not return a list of names`);
};

/** The shapes of a transform. */
const shapes = ["each", "keep", "create"] as const;

/**
 * Builds a transform. Throws the plugin's own error if it throws, and a readable error (without the component's name) if
 * the plugin does not have exactly one of the three shapes or returns the wrong thing.
 */
// biome-ignore lint/suspicious/noExplicitAny: a transform of any options.
export const buildTransform = (plugin: Transform<any>, context: Context<never>, powers: TransformPowers): Built => {
  const has = shapes.filter((shape) => typeof plugin[shape] === "function");
  if (has.length !== 1)
    throw new Error(
      `the plugin "${plugin.name}" defines ${has.length === 0 ? "none" : "more than one"} of "each", "keep" and "create"; a transform must define exactly one`,
    );
  namedOutputs(plugin, context.config);
  if (plugin.each) {
    const step = plugin.each(context);
    if (typeof step === "function" || typeof step?.bulk === "function") return { shape: "each", step };
    throw wrongReturn(plugin.name, "each", step, "a function, or an object with bulk(events)");
  }
  if (plugin.keep) {
    const step = plugin.keep({ ...context, state: powers.state() });
    if (typeof step === "function" || typeof step?.event === "function") return { shape: "keep", step };
    throw wrongReturn(
      plugin.name,
      "keep",
      step,
      "a function, or an object with event(event) and optionally tick(tick)",
    );
  }
  const operator = plugin.create({ ...context, scheduler: powers.scheduler() });
  if (typeof operator === "function") return { shape: "create", operator };
  throw wrongReturn(plugin.name, "create", operator, "an RxJS operator");
};

const wrongReturn = (name: string, shape: string, found: unknown, expected: string) =>
  new Error(`${shape} of the plugin "${name}" returned ${kindOf(found)}; it must return ${expected}`);
