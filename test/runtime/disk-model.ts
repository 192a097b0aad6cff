import { cpSync, existsSync, globSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { outboxDirectory, segmentName } from "../../src/storage/segments.ts";
import type { Call } from "./watched-storage.ts";

interface ModelFile {
  size: number;
  /** Length that survives a power cut. */
  synced: number;
  /** Whether its directory entry survives a power cut. */
  isNamed: boolean;
}

/**
 * Models what a disk guarantees after a power cut: synced bytes, in files whose directory was synced. It watches every
 * call, and reports each commit that refers to data that might be lost, and each removal of data that may still be needed.
 */
export const diskModel = (dataDir: string) => {
  const files = filesAtStart(dataDir);
  const violations: string[] = [];
  /** For each outbox: the segment in which the last commit ends, and the one that delivery has reached. */
  const ends = new Map<string, number>();
  const delivered = new Map<string, number>();
  /** The committed position of each source's stream. */
  const committed = new Map<string, number>();

  const commit = ({ changes }: Call) => {
    for (const { outbox, end } of changes!.ends) {
      const file = files.get(join(outboxDirectory("", outbox), segmentName(end.segment)));
      if (!file?.isNamed) violations.push(`a commit names segment ${end.segment} of ${outbox}, which has no safe name`);
      else if (file.synced < end.offset) violations.push(`a commit names bytes of ${outbox} that are not synced`);
    }
    for (const { outbox, end } of changes!.ends) ends.set(outbox, end.segment);
    for (const { outbox, place } of changes!.delivered) delivered.set(outbox, place.segment);
    for (const { source, stream, checkpoint } of changes!.checkpoints)
      committed.set(`${source}/${stream}`, checkpoint?.position ?? 0);
  };
  const remove = (path: string) => {
    const [, outbox, name] = path.split("/");
    const segment = Number.parseInt(name!, 10);
    if (segment <= (ends.get(outbox!) ?? 0) && segment >= (delivered.get(outbox!) ?? 0))
      violations.push(`${path} was removed before a commit said that it is delivered`);
    files.delete(path);
  };
  const note = (call: Call) => {
    const { name, path, end = 0 } = call;
    const file = files.get(path);
    if (name === "open" && !file) files.set(path, { size: 0, synced: 0, isNamed: false });
    else if (name === "write" && file) file.size = Math.max(file.size, end);
    else if (name === "truncate" && file) {
      file.size = end;
      file.synced = Math.min(file.synced, end);
    } else if (name === "sync" && file) file.synced = file.size;
    else if (name === "syncDirectory") {
      for (const [other, entry] of files) if (dirname(other) === path) entry.isNamed = true;
    } else if (name === "remove") remove(path);
    else if (name === "commit") commit(call);
  };

  /** Copies the data dir as a power cut would leave it. `luck`, from 0 to 1: how much unsynced data survives. */
  const cutPower = (copy: string, luck: number) => {
    cpSync(dataDir, copy, { recursive: true, filter: (path) => !path.endsWith("-shm") && !path.endsWith("lock.db") });
    for (const [path, { size, synced, isNamed }] of files) {
      const file = join(copy, path);
      if (!existsSync(file)) continue;
      if (!isNamed && luck < 0.5) rmSync(file);
      else truncateSync(file, synced + Math.floor((size - synced) * luck));
    }
  };
  return { note, violations, committed, cutPower };
};

const filesAtStart = (dataDir: string): Map<string, ModelFile> => {
  const paths = globSync(join("outboxes", "*", "*.segment"), { cwd: dataDir });
  return new Map(
    paths.map((path) => {
      const { size } = statSync(join(dataDir, path));
      return [path, { size, synced: size, isNamed: true }];
    }),
  );
};
