import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { tuple } from "../../src/detection/hash.ts";
import { encodeEntry } from "../../src/detection/new-terms/observe.ts";
import { aboutEntry, encodeName } from "../../src/detection/new-terms/term-names.ts";
import { fingerprint } from "../../src/fingerprint.ts";
import { combinationKey, namesSpace } from "../../src/histories/histories.ts";
import { Database, noChanges } from "../../src/storage/database.ts";
import { Reader } from "../../src/storage/reader.ts";
import { linesOf } from "./access-log.ts";
import type { Workload } from "./workload.ts";

const cache = fileURLToPath(new URL("../.cache/", import.meta.url));

const term = (index: number): string => `client-${index.toString(36)}/${index % 97}.${index % 89} (linux/amd64)`;

/** Events with the terms from `first` on, `known` of every ten are among the first `among` in a mixed order; the others are new. */
export const termEvents = (name: string, events: number, termOf: (index: number) => number): Workload =>
  linesOf(`terms-${name}-${events}.ndjson`, events, (index) =>
    JSON.stringify({ user: { name: `u${index % 1000}` }, user_agent: { original: term(termOf(index)) } }),
  );

/** Mixes the numbers below `count`. */
export const mixed = (index: number, count: number): number =>
  Number((BigInt(index) * 0x9e3779b97f4a7c15n) & 0xffffffffffffn) % count;

const id = "unseen";
const fields = ["user_agent.original"];
const about = {
  id,
  name: id,
  version: fingerprint(tuple(["new_terms", "", "event.ingested", ...fields])),
  fields,
  window: 7 * 86_400_000,
  timestamp: "event.ingested",
};

/** A data dir of new-terms.yaml that knows so many terms. It is made once. */
export const knownTerms = (count: number): string => {
  const folder = join(cache, `known-${count}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making);
  const path = join(making, "weir.db");
  const database = new Database(path);
  const seen = Date.now() - 86_400_000;
  const expires = seen + 5 * about.window;
  database.commit({
    ...noChanges,
    state: [{ component: namesSpace(id), ...aboutEntry(about), expires: undefined }],
  });
  database.close();
  const rows = new DatabaseSync(path);
  rows.exec(
    "PRAGMA synchronous = OFF; PRAGMA temp_store = FILE; PRAGMA cache_size = -500000; CREATE TEMP TABLE made (key TEXT, name TEXT); BEGIN",
  );
  const add = rows.prepare("INSERT INTO made VALUES (?, ?)");
  for (let index = 0; index < count; index++) add.run(combinationKey(about, [term(index)]), encodeName([term(index)]));
  rows.exec("COMMIT; BEGIN");
  rows
    .prepare("INSERT INTO state (component, key, value, expires) SELECT ?, key, ?, ? FROM made ORDER BY key")
    .run(id, encodeEntry([[seen, seen]]), expires);
  rows
    .prepare("INSERT INTO state (component, key, value, expires) SELECT ?, key, name, ? FROM made ORDER BY key")
    .run(namesSpace(id), expires + about.window / 4);
  rows.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
  rows.close();
  // As a weir that has run leaves it: the next start need not count.
  const reader = new Reader(path);
  const sized = new Database(path);
  sized.commit({ ...noChanges, sizes: [{ component: id, bytes: reader.stateBytes(id) }] });
  sized.close();
  reader.close();
  renameSync(making, folder);
  return folder;
};
