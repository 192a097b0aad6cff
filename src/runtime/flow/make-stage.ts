import type { Clock } from "../../clock.ts";
import type { Context, Log } from "../../context.ts";
import type { TransformComponent } from "../../topology/topology.ts";
import { buildTransform } from "../../transform/build.ts";
import { textOf } from "../../transform/reject.ts";
import { clockScheduler } from "../../transform/scheduler.ts";
import { AsyncStage } from "./async-stage.ts";
import { CreateStage } from "./create-stage.ts";
import { EachStage } from "./each-stage.ts";
import { KeepStage } from "./keep-stage.ts";
import type { Stage, StageOptions } from "./stage.ts";
import type { StateStore } from "./state-store.ts";

export interface StageMaking {
  readonly context: Context<never>;
  readonly stage: StageOptions;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly onWake: () => void;
}

/** A component that could not be built: its plugin threw, or is none. */
export class BuildError extends Error {
  readonly component: string;

  constructor(component: string, cause: unknown) {
    super(`"${component}" could not be built: ${textOf(cause)}`, { cause });
    this.name = "BuildError";
    this.component = component;
  }
}

/** Builds a transform and the stage that runs its shape. */
export const makeStage = ({ id, plugin, host }: TransformComponent, making: StageMaking): Stage => {
  const { context, stage, clock, random, log } = making;
  const { signal } = context;
  const state = plugin.keep && making.state.for(id, host.maxState);
  const powers = { state: () => state!.state, scheduler: () => clockScheduler(clock, signal) };
  try {
    const built = buildTransform(plugin, context, powers);
    if (built.shape === "create") return new CreateStage(stage, built.operator);
    if (built.shape === "keep") return new KeepStage({ ...stage, state: state!, onWake: making.onWake }, built.step);
    const { calling } = host;
    if (!calling) return new EachStage(stage, built.step, signal);
    return new AsyncStage({ ...stage, calling, clock, random, log, signal }, built.step);
  } catch (error) {
    throw new BuildError(id, error);
  }
};
