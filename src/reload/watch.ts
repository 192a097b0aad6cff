import type { Clock } from "../clock.ts";
import { exactFileStats } from "../file-stats.ts";

export interface WatchOptions {
  /** The files to watch; asked again after each change. Links are followed. */
  readonly files: () => readonly string[];
  readonly onChange: () => Promise<unknown>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How often to look, in milliseconds. A change counts when nothing changed between two looks: it may be several writes. */
const interval = 500;

/**
 * Calls `onChange` after changes of the files, until `signal` aborts. It looks at them twice a second, which works also for
 * links that are exchanged, as those of a Kubernetes ConfigMap, and on network file systems.
 */
export const watchFiles = async ({ files, onChange, clock, signal }: WatchOptions): Promise<void> => {
  let known = stampOf(files());
  for (let last = known; !signal.aborted; ) {
    await clock.sleep(interval, signal);
    if (signal.aborted) return;
    const now = stampOf(files());
    if (now !== known && now === last) {
      // Files that are written during the reload are loaded again.
      known = now;
      await onChange();
      const after = stampOf(files());
      // Other files may be watched now.
      if (stampOf(filesOf(now)) === now) known = after;
      last = after;
    } else last = now;
  }
};

const stampOf = (files: readonly string[]): string => JSON.stringify([...new Set(files)].sort().map(statOf));

const filesOf = (stamp: string): readonly string[] => (JSON.parse(stamp) as [string][]).map(([file]) => file);

const statOf = (file: string): readonly string[] => {
  const stats = exactFileStats(file);
  return stats ? [file, ...[stats.dev, stats.ino, stats.size, stats.mtimeNs].map(String)] : [file];
};
