import { cpSync, existsSync, globSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import { outboxDirectory, segmentName } from "../../src/storage/segments.ts";
import type { Call } from "./watched-storage.ts";

interface ModelFile {
  size: number;
  /** How much of it survives a power cut. */
  synced: number;
  /** Its directory names it even after a power cut. */
  isNamed: boolean;
}

/**
 * What a disk owes after a power cut: the bytes that were synced, in files whose directory was synced. It watches every
 * call, and notes each commit that names what might be lost, and each removal of what might still be wanted.
 */
export const diskModel = (dataDir: string) => {
  const files = filesAtStart(dataDir);
  const violations: string[] = [];
  /** Of each outbox: the segment that the last commit ends in, and the one that delivery has come to. */
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

  /** Copies the data dir as a power cut would leave it; `luck` says how much of what was not synced survives, 0 to 1. */
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
