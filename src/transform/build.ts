import type { OperatorFunction, SchedulerLike } from "rxjs";
import type { Batch } from "../batch.ts";
import type { Context } from "../context.ts";
import type { State } from "../state.ts";
import type { BulkStep, EachStep, Keeper, KeepStep, Transform } from "./transform.ts";

/** What a transform is made of, besides what every component gets. */
export interface TransformPowers {
  readonly state: () => State;
  readonly scheduler: () => SchedulerLike;
}

/** A transform, built: what its one function returned. */
export type Built =
  | { readonly shape: "each"; readonly step: EachStep | BulkStep }
  | { readonly shape: "keep"; readonly step: KeepStep | Keeper }
  | { readonly shape: "create"; readonly operator: OperatorFunction<Batch, Batch> };

/** The names of a transform's outputs besides the default one. Throws an error for people if they are not a list of text. */
// biome-ignore lint/suspicious/noExplicitAny: a transform of any options.
export const namedOutputs = (plugin: Transform<any>, config: unknown): readonly string[] => {
  const { outputs } = plugin;
  if (outputs === undefined) return [];
  const names: unknown = typeof outputs === "function" ? plugin.outputs?.(config as never) : outputs;
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  throw new Error(`outputs of the plugin "${plugin.name}" did not return a list of names`);
};

/** The shape of a transform; the host offers each what it needs. */
const shapes = ["each", "keep", "create"] as const;

/**
 * Builds a transform in a context. Throws an error for people, without the component's name, for what the plugin throws,
 * and for a plugin that does not keep to one of the three shapes.
 */
// biome-ignore lint/suspicious/noExplicitAny: a transform of any options.
export const buildTransform = (plugin: Transform<any>, context: Context<never>, powers: TransformPowers): Built => {
  const has = shapes.filter((shape) => typeof plugin[shape] === "function");
  if (has.length !== 1)
    throw new Error(
      `the plugin "${plugin.name}" defines ${has.length === 0 ? "none" : "more than one"} of each, keep and create; a transform has exactly one`,
    );
  namedOutputs(plugin, context.config);
  if (plugin.each) {
    const step = plugin.each(context);
    if (typeof step === "function" || typeof step?.bulk === "function") return { shape: "each", step };
    throw wrong(plugin.name, "each", "a function, or an object with bulk(events)");
  }
  if (plugin.keep) {
    const step = plugin.keep({ ...context, state: powers.state() });
    if (typeof step === "function" || typeof step?.event === "function") return { shape: "keep", step };
    throw wrong(plugin.name, "keep", "a function, or an object with event(event) and perhaps tick(tick)");
  }
  const operator = plugin.create({ ...context, scheduler: powers.scheduler() });
  if (typeof operator === "function") return { shape: "create", operator };
  throw wrong(plugin.name, "create", "an RxJS operator");
};

const wrong = (name: string, shape: string, wanted: string) =>
  new Error(`${shape} of the plugin "${name}" did not return ${wanted}`);
