import { defineTransform, type Plugin } from "weir";
import type { Stats } from "../../src/runtime/stats.ts";
import {
  type Component,
  type Delivering,
  defaultCalling,
  defaultDelivering,
  type Topology,
  type Transforming,
  topologyOf,
} from "../../src/topology/topology.ts";
import type { BulkStep, CreateTransform, EachStep, KeepTransform } from "../../src/transform/transform.ts";

type None = Record<string, never>;
const planted = { summary: "Planted.", options: {} } as const;

/** An RxJS operator on batches. */
export const transformOf = (create: CreateTransform<None>["create"], name = "planted"): Plugin =>
  defineTransform({ name, ...planted, create });

/** A step of `each`. */
export const eachOf = (step: EachStep | BulkStep, name = "planted"): Plugin =>
  defineTransform({ name, ...planted, each: () => step });

/** A step of `keep`. */
export const keepOf = (keep: KeepTransform<None>["keep"], name = "planted"): Plugin =>
  defineTransform({ name, ...planted, keep });

type Placing = readonly [
  plugin: unknown,
  inputs?: readonly string[],
  host?: number | Partial<Delivering> | Partial<Transforming>,
  config?: Readonly<Record<string, unknown>>,
];

const disk = (maxSize: number): Partial<Delivering> => ({ buffer: { type: "disk", maxSize, whenFull: "block" } });

/** A topology of plugins, by id. The third element is the host's options; for a sink, also its buffer's size. */
export const topology = (components: Readonly<Record<string, Placing>>): Topology =>
  topologyOf(
    Object.entries(components).map(([id, [value, inputs = [], delivering = {}, config = {}]]) => {
      const plugin = value as Plugin;
      const decoding = plugin.kind === "source" ? plugin.decoding : undefined;
      const host =
        plugin.kind === "source"
          ? { codec: decoding?.codec ?? "text", framing: decoding?.framing ?? "newline", maxLine: 1024 * 1024 }
          : plugin.kind === "sink"
            ? { ...defaultDelivering(plugin), ...(typeof delivering === "number" ? disk(delivering) : delivering) }
            : {
                outputs: plugin.outputs?.(config as never) ?? [],
                dropOutputs: [],
                ...(plugin.each && plugin.async && { calling: defaultCalling() }),
                ...(delivering as Partial<Transforming>),
              };
      return { id, kind: plugin.kind, plugin, config, host, inputs } as unknown as Component;
    }),
  );

/** Components whose counters do not balance; empty when all do. */
export const unbalancedComponents = ({ components }: Stats): Record<string, number> =>
  Object.fromEntries(
    Object.entries(components).flatMap(([id, { unbalanced_events }]) =>
      unbalanced_events === 0 ? [] : [[id, unbalanced_events]],
    ),
  );
