import { cpSync, existsSync, globSync, rmSync, statSync, truncateSync } from "node:fs";
import { dirname, join } from "node:path";
import type { HeldFrames, Place } from "../../src/storage/database.ts";
import { Reader } from "../../src/storage/reader.ts";
import { isBefore, outboxDirectory, segmentName } from "../../src/storage/segments.ts";
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
  const { files, delivered } = atStart(dataDir);
  const violations: string[] = [];
  /** For each outbox: where the last commit ends, and what delivery has reached. */
  const ends = new Map<string, Place>();
  /** What the database holds. */
  let held: HeldFrames[] = [];
  /** The committed position of each source's stream. */
  const committed = new Map<string, number>();

  const fileOf = (outbox: string, segment: number) =>
    files.get(join(outboxDirectory("", outbox), segmentName(segment)));
  /** Up to which offset of a segment nothing can be lost: it is delivered, synced, or held by the database from there on. */
  const safeIn = (outbox: string, segment: number): number => {
    const done = delivered.get(outbox);
    let safe = Math.max(fileOf(outbox, segment)?.synced ?? 0, done?.segment === segment ? done.offset : 0);
    for (const one of held)
      if (one.outbox === outbox && one.segment === segment && one.offset <= safe)
        safe = Math.max(safe, one.offset + one.bytes.length);
    return safe;
  };
  const commit = ({ changes }: Call) => {
    for (const { outbox, end } of changes!.ends) ends.set(outbox, end);
    for (const { outbox, place } of changes!.delivered) delivered.set(outbox, place);
    for (const { outbox, place } of changes!.synced ?? [])
      held = held.filter((one) => one.outbox !== outbox || isBefore(place, endOf(one)));
    // The memory of the bytes is used again.
    for (const one of changes!.held ?? []) held.push({ ...one, bytes: Uint8Array.from(one.bytes) });
    for (const [outbox, end] of ends) {
      if (!fileOf(outbox, end.segment)?.isNamed)
        violations.push(`a commit names segment ${end.segment} of ${outbox}, which has no safe name`);
      for (let segment = delivered.get(outbox)?.segment ?? 1; segment <= end.segment; segment++) {
        const length = segment === end.segment ? end.offset : (fileOf(outbox, segment)?.size ?? 0);
        if (safeIn(outbox, segment) < length)
          violations.push(`a commit names bytes of ${outbox} that are neither synced nor held`);
      }
    }
    for (const { source, stream, checkpoint } of changes!.checkpoints)
      committed.set(`${source}/${stream}`, checkpoint?.position ?? 0);
  };
  const remove = (path: string) => {
    const [, outbox, name] = path.split("/");
    const segment = Number.parseInt(name!, 10);
    if (segment <= (ends.get(outbox!)?.segment ?? 0) && segment >= (delivered.get(outbox!)?.segment ?? 0))
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

const endOf = ({ segment, offset, bytes }: HeldFrames): Place => ({ segment, offset: offset + bytes.length });

/** The files at the start, which writes to them what the database holds, and what is delivered. */
const atStart = (dataDir: string): { files: Map<string, ModelFile>; delivered: Map<string, Place> } => {
  const paths = globSync(join("outboxes", "*", "*.segment"), { cwd: dataDir });
  const sizes = new Map(paths.map((path) => [path, statSync(join(dataDir, path)).size]));
  const delivered = new Map<string, Place>();
  const database = join(dataDir, "weir.db");
  if (existsSync(database)) {
    const reader = new Reader(database);
    for (const { outbox, segment, offset, bytes } of reader.heldFrames()) {
      const path = join(outboxDirectory("", outbox), segmentName(segment));
      const size = sizes.get(path);
      if (size !== undefined) sizes.set(path, Math.max(size, offset + bytes.length));
    }
    for (const [outbox, { place }] of reader.load().delivered) delivered.set(outbox, place);
    reader.close();
  }
  const files = [...sizes].map(([path, size]) => [path, { size, synced: size, isNamed: true }] as const);
  return { files: new Map(files), delivered };
};
