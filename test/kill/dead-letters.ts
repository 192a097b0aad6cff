import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface DeadLetter {
  readonly head: {
    readonly id: string;
    readonly component: string;
    readonly reason: string;
    readonly message: string;
    readonly source: string;
    readonly position: number;
  };
  readonly data: { readonly message?: string; readonly raw?: string; readonly raw_base64?: string };
}

/** Everything in the dead letter of a data dir that no weir runs on, up to the end that the last commit names. */
export const readDeadLetters = (dataDir: string): DeadLetter[] => {
  const end = outboxRow(dataDir, "outbox_end", "dead_letter");
  if (!end) return [];
  return segmentsOf(dataDir, "dead_letter").flatMap((name) => {
    const bytes = readFileSync(join(dataDir, "outboxes/dead_letter", name));
    const number = Number.parseInt(name, 10);
    if (number > end.segment) return [];
    return lettersIn(number < end.segment ? bytes : bytes.subarray(0, end.offset));
  });
};

/** Length and checksum, four bytes each, then two lines of JSON. */
const lettersIn = (bytes: Buffer): DeadLetter[] => {
  const letters: DeadLetter[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const [head, data] = bytes.toString("utf8", at + 8, at + 8 + length).split("\n") as [string, string];
    letters.push({ head: JSON.parse(head), data: JSON.parse(data) } as DeadLetter);
    at += 8 + length;
  }
  return letters;
};

export const segmentsOf = (dataDir: string, outbox: string): string[] =>
  readdirSync(join(dataDir, "outboxes", outbox)).sort();

/** A row of one of the two tables that say how far an outbox is written and delivered. */
export const outboxRow = (
  dataDir: string,
  table: "outbox_end" | "delivered",
  outbox: string,
): { readonly segment: number; readonly offset: number } | undefined => {
  const database = new DatabaseSync(join(dataDir, "weir.db"), { readOnly: true });
  try {
    return database.prepare(`SELECT segment, offset FROM ${table} WHERE outbox = ?`).get(outbox) as
      | { segment: number; offset: number }
      | undefined;
  } finally {
    database.close();
  }
};

/** What SQLite's own check says of the database: `ok`. */
export const integrityOf = (dataDir: string): unknown => {
  const database = new DatabaseSync(join(dataDir, "weir.db"));
  try {
    return database.prepare("PRAGMA integrity_check").get()?.["integrity_check"];
  } finally {
    database.close();
  }
};
