import type { Delivery, Outcome } from "weir";
import type { AppendFile } from "./append-file.ts";
import { maxOpen, type OutputFiles } from "./files.ts";
import type { LineBlock } from "./line-block.ts";
import type { PathTemplate } from "./path-template.ts";

export type Failure = NonNullable<Outcome["failed"]>[number];

/** The events for one path, by their index in the write, in order. */
export interface FileEvents {
  readonly path: string;
  readonly indexes: number[];
}

/** Groups events by path. Events for which there is no path are added to `failed`. */
export const byPath = (
  template: PathTemplate,
  events: readonly Delivery[],
  failed: Failure[],
): readonly FileEvents[] => {
  if (template.fixed !== undefined) return [{ path: template.fixed, indexes: [...events.keys()] }];
  const files = new Map<string, FileEvents>();
  for (const [index, event] of events.entries()) {
    try {
      const path = template.render(event.data, event.meta);
      const file = files.get(path) ?? { path, indexes: [] };
      file.indexes.push(index);
      files.set(path, file);
    } catch (error) {
      failed.push({ index, message: (error as Error).message, final: true });
    }
  }
  return [...files.values()];
};

export interface WriteOptions {
  readonly files: OutputFiles;
  /** Where the lines are put together: no other write uses it meanwhile. */
  readonly block: LineBlock;
  /** Saves the record of all files. */
  readonly save: () => Promise<void>;
  /** Called with the result for each path. */
  readonly done: (file: FileEvents, error: Error | undefined) => Promise<void> | void;
}

/**
 * Appends the events of each path to its file. The files are recorded before they are written to, all together, so that the
 * next start knows them after a crash.
 */
export const writeFiles = async (
  events: readonly Delivery[],
  targets: readonly FileEvents[],
  options: WriteOptions,
): Promise<void> => {
  for (let at = 0; at < targets.length; at += maxOpen)
    await writeSome(events, targets.slice(at, at + maxOpen), options);
};

interface Part {
  readonly target: FileEvents;
  readonly file: AppendFile;
  readonly lines: Uint8Array;
}

const writeSome = async (
  events: readonly Delivery[],
  targets: readonly FileEvents[],
  { files, block, save, done }: WriteOptions,
): Promise<void> => {
  const prepared: Part[] = [];
  block.clear();
  const parts = targets.map(
    (target): Part => ({ target, file: files.get(target.path), lines: block.add(events, target.indexes) }),
  );
  await files.closeOld();
  for (const part of parts) {
    try {
      await part.file.prepare(part.lines.length);
      prepared.push(part);
    } catch (error) {
      await done(part.target, error as Error);
    }
  }
  if (prepared.some(({ file }) => !file.isRecorded)) {
    await save();
    for (const { file } of prepared) file.saved();
  }
  for (const { target, file, lines } of prepared) {
    const error = await file.append(lines).then(
      () => undefined,
      (error: Error) => error,
    );
    await done(target, error);
  }
};
