import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type AuditEvent, essence, isTooDeep } from "./oracle.ts";

/** All that an API server has written to its log. */
export interface RawLog {
  readonly events: readonly AuditEvent[];
  /** Lines that are not JSON, since the server was killed while it wrote them. */
  readonly torn: number;
  /** The Audit-IDs of events that are nested too deep for weir. */
  readonly deep: readonly string[];
  readonly lines: number;
  readonly bytes: number;
}

/** Names of the rotated files, oldest first, each once: without `.gz`. */
export const rotatedFiles = (folder: string): string[] => [
  ...new Set(
    readdirSync(folder)
      .filter((name) => name.startsWith("audit-"))
      .map((name) => name.replace(/\.gz$/, ""))
      .sort(),
  ),
];

/** Reads `audit.log` and all rotated files, while no server writes to them. */
export const readRawLog = (folder: string): RawLog => {
  const events: AuditEvent[] = [];
  const deep: string[] = [];
  let [torn, lines, bytes] = [0, 0, 0];
  for (const name of [...rotatedFiles(folder), "audit.log"]) {
    const text = textOf(folder, name);
    bytes += text.length;
    for (const line of text.split("\n")) {
      if (line === "") continue;
      lines++;
      const event = parsed(line);
      if (!event) torn++;
      else if (hasBody(line) && isTooDeep(line)) deep.push(event.auditID);
      else events.push(event);
    }
  }
  return { events, torn, deep, lines, bytes };
};

/** A compressed file counts only when the file that it was made of is gone. */
const textOf = (folder: string, name: string): string => {
  const path = join(folder, name);
  try {
    return readFileSync(path, "utf8");
  } catch {
    return gunzipSync(readFileSync(`${path}.gz`)).toString("utf8");
  }
};

/** Other events are not deep. */
const hasBody = (line: string): boolean => line.includes('"level":"Request"');

const parsed = (line: string): AuditEvent | undefined => {
  try {
    return essence(JSON.parse(line) as AuditEvent);
  } catch {
    return undefined;
  }
};
