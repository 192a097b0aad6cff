import { counted } from "../../text.ts";
import type { SourceComponent } from "../../topology/topology.ts";
import type { Group } from "./group.ts";
import type { RunServices } from "./run-services.ts";

export interface ReadingInTurn extends Pick<RunServices, "onTrouble" | "ledgers" | "log"> {
  readonly group: Group;
  /** Aborts when nothing more is read. */
  readonly signal: AbortSignal;
  readonly read: (component: SourceComponent) => Promise<void>;
}

/** Reads baselines first, and all other sources when what was read of them is committed. */
export const readInTurn = async (sources: readonly SourceComponent[], reading: ReadingInTurn): Promise<void> => {
  const baselines = sources.filter(({ baselineOf }) => baselineOf !== undefined);
  if (baselines.length > 0) await readBaselines(baselines, reading);
  await Promise.all(sources.filter(({ baselineOf }) => baselineOf === undefined).map(reading.read));
};

const readBaselines = async (
  baselines: readonly SourceComponent[],
  { group, signal, read, onTrouble, ledgers, log }: ReadingInTurn,
): Promise<void> => {
  for (const { id } of baselines) onTrouble(id, "it reads a baseline, which the other sources wait for");
  await Promise.all(baselines.map(read));
  await group.idle(signal);
  for (const { id } of baselines) onTrouble(id, undefined);
  if (signal.aborted) return;
  for (const { id, baselineOf } of baselines) {
    const { received } = ledgers.get(id)!.counts();
    if (received > 0)
      log(baselineOf!).info(`the baseline is committed: ${counted(received, "event")}; the sources start now`);
  }
};
