import type { Stream } from "./stream.ts";

/**
 * The streams with something to read. Of each log, the first one in reading order is read; the logs take turns. What the
 * files contained at the start comes before all that: it is read file by file, oldest first, so that events come in the
 * order in which they happened.
 */
export class ReadingQueue {
  readonly #logs = new Map<string, Set<Stream>>();
  /** In reverse order. */
  #backlog: { readonly stream: Stream; readonly until: number }[] = [];
  readonly #blocked = new Set<string>();
  readonly #holds: (path: string) => boolean;

  /** `holds`: whether the file at a path must not be read yet. */
  constructor(holds: (path: string) => boolean = () => false) {
    this.#holds = holds;
  }

  add(stream: Stream): void {
    const streams = this.#logs.get(stream.logPath);
    if (streams) streams.add(stream);
    else this.#logs.set(stream.logPath, new Set([stream]));
  }

  /** Nothing of this log is read until `unblock` is called. */
  block(logPath: string): void {
    this.#blocked.add(logPath);
  }

  unblock(): void {
    this.#blocked.clear();
  }

  /**
   * What the files of these streams contain now is read first. Rotated files are read to their end, the others as far as
   * they go now, or all until a read finds nothing if `untilIdle`. By `name`: in the order of their paths.
   */
  setBacklog(streams: readonly Stream[], untilIdle: boolean, order: "time" | "name" = "time"): void {
    // Whoever waits for something waits for all of them at once.
    for (const { path } of streams) this.#holds(path);
    const ordered = order === "name" ? byPath(streams) : oldestFirst(streams);
    const newest = new Map(ordered.map((stream) => [stream.logPath, stream]));
    const until = (stream: Stream) =>
      stream.compressed || untilIdle || newest.get(stream.logPath) !== stream ? undefined : stream.largestSize;
    this.#backlog = ordered.map((stream) => ({ stream, until: until(stream) ?? Number.POSITIVE_INFINITY })).reverse();
  }

  /** The streams to read now, at most `limit`. */
  next(limit: number): Stream[] {
    const first = this.#nextOfBacklog();
    if (first) return this.#blocked.has(first.logPath) ? [] : [first];
    const chosen: Stream[] = [];
    for (const [logPath, streams] of this.#logs) {
      if (chosen.length === limit) break;
      if (this.#blocked.has(logPath)) continue;
      for (const stream of streams) if (!hasMore(stream)) streams.delete(stream);
      if (streams.size === 0) this.#logs.delete(logPath);
      else {
        const next = [...streams].reduce((first, other) => (inReadingOrder(first, other) <= 0 ? first : other));
        if (!this.#holds(next.path)) chosen.push(next);
      }
    }
    for (const { logPath } of chosen) {
      const streams = this.#logs.get(logPath)!;
      this.#logs.delete(logPath);
      this.#logs.set(logPath, streams);
    }
    return chosen;
  }

  /**
   * A stream of a blocked log keeps its turn, even if its file is not where it was: it may be found again. Those that must not be read yet
   * are passed by, and have their turn later.
   */
  #nextOfBacklog(): Stream | undefined {
    for (let at = this.#backlog.length - 1; at >= 0; at--) {
      const { stream, until } = this.#backlog[at]!;
      if (this.#blocked.has(stream.logPath)) return stream;
      if (!hasMore(stream) || stream.position >= until) this.#backlog.splice(at, 1);
      else if (!this.#holds(stream.path)) return stream;
    }
    return undefined;
  }
}

const hasMore = ({ reader }: Stream): boolean => reader.isActive && !reader.atEnd;

/** Files that lost the log's path come before the file that has it; otherwise the oldest first. */
export const inReadingOrder = (a: Stream, b: Stream): number => {
  const moved = ({ path, logPath, placement }: Stream) => Number(path !== logPath || placement !== "current");
  if (moved(a) !== moved(b)) return moved(b) - moved(a);
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1;
  return a.path < b.path ? -1 : 1;
};

const byPath = (streams: readonly Stream[]): Stream[] =>
  [...streams].sort((a, b) => (a.path === b.path ? 0 : a.path < b.path ? -1 : 1));

/** Streams of all logs, the oldest first; those of one log stay in their order even if their timestamps contradict it. */
const oldestFirst = (streams: readonly Stream[]): Stream[] => {
  const latest = new Map<string, bigint>();
  const placed = [...streams].sort(inReadingOrder).map((stream) => {
    const before = latest.get(stream.logPath);
    const time = before === undefined || stream.timestamp > before ? stream.timestamp : before;
    latest.set(stream.logPath, time);
    return { stream, time };
  });
  return placed.sort((a, b) => (a.time === b.time ? 0 : a.time < b.time ? -1 : 1)).map(({ stream }) => stream);
};
