import type { Checkpoint, Json } from "weir";

/** How far a partition is read: the offset of the next record. It holds for one topic, not for another one of that name. */
export interface Position {
  readonly topicId: string;
  readonly next: bigint;
}

/** The name of a partition as a stream. */
export const streamOf = (topic: string, partition: number): string => `${topic}/${partition}`;

/** What the checkpoints of a source say, by stream. */
export const positionsIn = (checkpoints: ReadonlyMap<string, Checkpoint>): Map<string, Position> =>
  new Map(
    [...checkpoints].map(([stream, { position, detail }]) => [
      stream,
      { topicId: topicIdOf(detail), next: BigInt(position) },
    ]),
  );

const topicIdOf = (detail: Json): string =>
  typeof detail === "object" && detail !== null && "topic_id" in detail ? String(detail.topic_id) : "";

/** Where to continue: at weir's own position or the group's, whichever is later; undefined if there is none. */
export const resume = (topicId: string, own: Position | undefined, committed = -1n): bigint | undefined => {
  const mine = own?.topicId === topicId ? own.next : -1n;
  const later = mine > committed ? mine : committed;
  return later < 0n ? undefined : later;
};

/** Where to continue if the broker has only the offsets from `first` to before `end`. */
export const within = (next: bigint, first: bigint, end: bigint): bigint =>
  next < first ? first : next > end ? end : next;
