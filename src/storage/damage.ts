import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf } from "./commit-error.ts";
import { describeOther } from "./format.ts";

/** A database up to this size is read completely at each start, in bytes. That takes a fraction of a second. */
const smallDatabase = 64 * 1024 * 1024;

/**
 * Finds out whether weir.db is damaged: cut, overwritten, or no database at all. A large one is read completely only if its
 * length is suspicious, or if it must be `thorough`. Returns what is wrong, in words of SQLite. Changes nothing in the data dir.
 */
export const findDamage = (dataDir: string, { thorough = false } = {}): string | undefined => {
  const path = join(dataDir, "weir.db");
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return undefined;
  try {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    try {
      const numberOf = (pragma: string) => Object.values(database.prepare(`PRAGMA ${pragma}`).get()!)[0] as number;
      const [pages, pageSize] = [numberOf("page_count"), numberOf("page_size")];
      const isComplete = hasPages(`${path}-wal`, { from: Math.floor(size / pageSize) + 1, to: pages, pageSize });
      if (isComplete && size > smallDatabase && !thorough) return undefined;
      const [first] = database.prepare("PRAGMA quick_check(1)").all() as { quick_check: string }[];
      return first?.quick_check === "ok" ? undefined : (first?.quick_check ?? "it cannot be checked");
    } finally {
      database.close();
    }
  } catch (error) {
    return messageOf(error);
  }
};

interface Pages {
  readonly from: number;
  readonly to: number;
  /** In bytes. */
  readonly pageSize: number;
}

/** Whether the WAL has all of these pages; https://www.sqlite.org/fileformat2.html#walformat describes its format. */
const hasPages = (wal: string, { from, to, pageSize }: Pages): boolean => {
  if (from > to) return true;
  if (!existsSync(wal)) return false;
  const missing = new Set<number>();
  for (let page = from; page <= to; page++) missing.add(page);
  const fd = openSync(wal, "r");
  try {
    const { size } = fstatSync(fd);
    const head = Buffer.alloc(4);
    for (let at = 32; at < size && missing.size > 0; at += 24 + pageSize) {
      readSync(fd, head, 0, 4, at);
      missing.delete(head.readUInt32BE(0));
    }
  } finally {
    closeSync(fd);
  }
  return missing.size === 0;
};

/** Says why weir.db cannot be read, and what to do: it is damaged, or written by a newer weir or another program. `undefined` if neither is so. */
export const whyUnreadable = (dataDir: string): string | undefined => {
  const damage = findDamage(dataDir);
  if (damage !== undefined) return describeDamage(dataDir, damage);
  const path = join(dataDir, "weir.db");
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    return describeOther(database, path);
  } finally {
    database.close();
  }
};

/** Says what is wrong and what to do. */
export const describeDamage = (dataDir: string, damage: string): string =>
  `"${join(dataDir, "weir.db")}" is damaged: ${damage.replace(/\s+/g, " ").replace(/\.$/, "")}. If you have a copy of the whole ` +
  "data dir, put it back. Otherwise start once with weir run --recover: it keeps the damaged file as weir.db.damaged, continues " +
  "with what can still be read of it, and delivers all intact events of the outboxes, some of them again. To start with " +
  "nothing, use another --data-dir.";
