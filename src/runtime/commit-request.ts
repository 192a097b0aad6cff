import { ingestionTime } from "../ingestion-time.ts";
import { jsonCopy } from "../json-copy.ts";
import type { CheckpointChange, KeeperChange } from "../storage/database.ts";
import type { StateChange } from "../storage/state-table.ts";
import type { CommitWriter } from "../storage/writer.ts";
import type { Flight } from "./flow/flight.ts";

/** Merges the changes of flights. For each key the last flight wins; later batches are not included. */
export const changesOf = (flights: readonly Flight[]) => {
  const checkpoints = new Map<string, CheckpointChange>();
  const state = new Map<string, StateChange>();
  const sweeps = new Map<string, number>();
  const keepers = new Map<string, KeeperChange>();
  const sizes = new Map<string, number | undefined>();
  let ingested = 0;
  for (const { admission, writes, sweeps: swept, keepers: kept, sizes: counted } of flights) {
    const { checkpoint } = admission;
    if (checkpoint) checkpoints.set(`${checkpoint.source}\n${checkpoint.stream}`, checkpoint);
    for (const [component, entries] of writes)
      for (const [key, { value, expires }] of entries)
        state.set(`${component}\n${key}`, { component, key, value, expires });
    for (const [component, before] of swept) sweeps.set(component, Math.max(before, sweeps.get(component) ?? before));
    for (const [component, keeper] of kept) keepers.set(component, keeper);
    for (const [component, bytes] of counted) sizes.set(component, bytes);
    if (admission.ingested > 0) ingested = ingestionTime(admission.ingested, ingested);
  }
  return {
    checkpoints: [...checkpoints.values()].map(storable),
    state: [...state.values()],
    sweeps: [...sweeps].map(([component, before]) => ({ component, before })),
    keepers: [...keepers.values()],
    sizes: [...sizes].map(([component, bytes]) => ({ component, bytes })),
    ingested,
    deadLetters: flights.flatMap(({ deadLetters }) => deadLetters),
    forget: flights.flatMap(({ forgets }) => forgets ?? []),
  };
};

/** What a plugin put into a checkpoint is copied here: in the database it would fail each attempt of the commit. */
const storable = (change: CheckpointChange): CheckpointChange => {
  const { source, checkpoint } = change;
  if (!checkpoint) return change;
  const detail = jsonCopy(checkpoint.detail, `the detail of a reading of "${source}"`);
  return { ...change, checkpoint: { ...checkpoint, detail } };
};

/** Joins the frames of flights, by outbox, in the room that the writer gives. */
export const appendsOf = (flights: readonly Flight[], room: CommitWriter["room"]) => {
  const parts = new Map<string, Buffer[]>();
  for (const { frames } of flights)
    for (const [{ name }, held] of frames) {
      const collected = parts.get(name) ?? [];
      parts.set(name, collected);
      for (const part of held.parts) collected.push(part);
    }
  return [...parts].map(([outbox, buffers]) => ({ outbox, bytes: joined(buffers, room) }));
};

const joined = (parts: readonly Buffer[], room: CommitWriter["room"]): Uint8Array => {
  const bytes = room(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};
