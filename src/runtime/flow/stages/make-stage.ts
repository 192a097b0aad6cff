import type { Clock } from "../../../clock.ts";
import type { Context, Log } from "../../../context.ts";
import type { TransformComponent } from "../../../topology/topology.ts";
import { buildTransform } from "../../../transform/build.ts";
import { type Foretold, foretold } from "../../../transform/passing-of.ts";
import { clockScheduler } from "../../../transform/scheduler.ts";
import type { StateStore } from "../../state/state-store.ts";
import { StateWatch } from "../../state/state-watch.ts";
import { CutWatch } from "../cut-watch.ts";
import type { Stamps } from "../stamp.ts";
import { AsyncStage } from "./async-stage.ts";
import { CreateStage } from "./create-stage.ts";
import { EachStage } from "./each-stage.ts";
import { KeepStage } from "./keep-stage.ts";
import type { Stage, StageOptions } from "./stage.ts";

export interface StageMaking {
  readonly context: Context<never>;
  readonly stage: StageOptions;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly onWake: () => void;
  readonly stamps: Stamps;
  /** Whether to check operators on batches on their first events. */
  readonly checkPlugins: boolean;
}

export interface MadeStage {
  readonly stage: Stage;
  readonly foretold: Foretold;
}

/** A component could not be built, because its plugin threw an error or is not valid. */
export class BuildError extends Error {
  readonly component: string;

  constructor(component: string, cause: unknown) {
    super(`"${component}" could not be built: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = "BuildError";
    this.component = component;
  }
}

/** Builds a transform, and the stage for its shape. Throws a `BuildError`. */
export const makeStage = (component: TransformComponent, making: StageMaking): MadeStage => {
  const { id, plugin, host } = component;
  const { context, stage, clock, random, log } = making;
  const { signal } = context;
  const quota = host.maxState;
  const watch = quota === undefined ? undefined : new StateWatch({ quota, ledger: stage.ledger, log, clock });
  const state = plugin.keep && making.state.for(id, quota, watch);
  const fail = (error: unknown) => stage.fail(id, error);
  const powers = { state: () => state!.state, scheduler: () => clockScheduler(clock, { signal, fail }) };
  try {
    const built = buildTransform(plugin, context, powers);
    const made = { foretold: foretold(plugin, context, host, built) };
    if (built.shape === "create")
      return { ...made, stage: new CreateStage({ ...stage, watch: watchOf(component, making) }, built.operator) };
    if (built.shape === "keep") {
      const { onWake, stamps } = making;
      return {
        ...made,
        stage: new KeepStage(
          { ...stage, state: state!, onWake, latest: stamps.highest, calling: { clock, random, log, signal } },
          built.step,
        ),
      };
    }
    const { calling } = host;
    if (!calling) return { ...made, stage: new EachStage(stage, built.step, signal) };
    return { ...made, stage: new AsyncStage({ ...stage, calling, clock, random, log, signal }, built.step) };
  } catch (error) {
    throw new BuildError(id, error);
  }
};

const watchOf = ({ plugin }: TransformComponent, making: StageMaking): CutWatch | undefined => {
  const { context, stage, clock, log, checkPlugins } = making;
  if (!checkPlugins) return undefined;
  const fail = (error: unknown) => stage.fail(stage.id, error);
  return new CutWatch({
    outputs: stage.outputs,
    clock,
    log,
    fail,
    onIdle: stage.onIdle,
    build: (over) => {
      const signal = AbortSignal.any([context.signal, over]);
      const state = () => {
        throw new Error("an operator has no state");
      };
      const again = { ...context, signal, refused: undefined };
      const built = buildTransform(plugin, again, { state, scheduler: () => clockScheduler(clock, { signal, fail }) });
      if (built.shape !== "create") throw new Error("the plugin has changed its shape");
      return built.operator;
    },
  });
};
