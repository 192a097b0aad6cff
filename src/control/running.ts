import type { ReloadHistory } from "../reload/reloader.ts";
import { oldestIngested } from "../runtime/delivery/outbox-left.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { TapRequest } from "../runtime/tap/taps.ts";
import { deadLetterOutbox } from "../storage/dead-letter-index.ts";
import { outboxDirectory } from "../storage/segments.ts";
import { readStored } from "../storage/stored.ts";
import type { Keeping, OutboxStatus, RunningStatus, Tapped } from "./control.ts";

/** Why a run is not ready, by component; under `weir`, that it is starting or draining. */
export const notReady = ({ phase, unready }: Pick<Runtime, "phase" | "unready">): ReadonlyMap<string, string> =>
  phase === "running" ? unready : new Map([["weir", `it is ${phase}`], ...unready]);

/** The status of a run, with its counters read in one step. */
export const runningStatus = async (
  runtime: Runtime,
  dataDir: string,
  version: string,
  { loadedAt, last }: ReloadHistory,
): Promise<RunningStatus> => {
  const { outbox_bytes, components, commits_total, commit_retries_total, uptime_seconds } = runtime.stats();
  const oldest = await oldestIn(runtime, dataDir);
  const outboxes = Object.entries(outbox_bytes).map(([name, bytes]): OutboxStatus => {
    const since = bytes > 0 ? oldest.get(name) : undefined;
    return { name, bytes, ...(since === undefined ? {} : { oldest: new Date(since).toISOString() }) };
  });
  return {
    phase: runtime.phase,
    version,
    pid: process.pid,
    data_dir: dataDir,
    uptime_seconds,
    memory_bytes: process.memoryUsage.rss(),
    not_ready: Object.fromEntries(notReady(runtime)),
    outboxes,
    components,
    commits_total,
    commit_retries_total,
    loaded_at: new Date(loadedAt).toISOString(),
    ...(last && { last_reload: { ...last, at: new Date(last.at).toISOString() } }),
  };
};

/** What is kept for a run, and the removal of what it does not use. */
export const keepingOf = (runtime: Runtime, dataDir: string): Keeping => ({
  stored: async () => {
    const used = new Set(runtime.topology.components.map(({ id }) => id));
    const { components, outbox_bytes } = runtime.stats();
    // Counting the state of a component takes long if it is large: what runs knows the size of its own.
    return readStored(dataDir, (id) => !used.has(id)).map((stored) => {
      const { id } = stored;
      if (!used.has(id)) return { ...stored, used: false };
      const state_bytes = components[id]?.component_state_bytes ?? 0;
      return { ...stored, state_bytes, outbox_bytes: outbox_bytes[id] ?? stored.outbox_bytes, used: true };
    });
  },
  forget: (ids) => runtime.forget(ids),
});

/** A tap on a run. Throws an error for people. */
export const tapOf = (runtime: Runtime, request: TapRequest): Tapped => {
  const { tap, points } = runtime.tap(request);
  return { points, parts: tap, close: () => tap.close(), charge: (time) => tap.charge(time) };
};

const oldestIn = async (runtime: Runtime, dataDir: string): Promise<ReadonlyMap<string, number>> => {
  const oldest = new Map<string, number>();
  for (const [name, { from, end }] of runtime.outboxes()) {
    const since =
      name === deadLetterOutbox
        ? await oldestLetter(runtime)
        : oldestIngested(outboxDirectory(dataDir, name), from, end);
    if (since !== undefined) oldest.set(name, since);
  }
  return oldest;
};

const oldestLetter = async ({ desk }: Runtime): Promise<number | undefined> => {
  for await (const { head } of desk.letters({})) return head.time;
  return undefined;
};
