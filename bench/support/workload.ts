import { closeSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { auditEvent } from "../../plugins/sources/demo/generate.ts";

const cache = fileURLToPath(new URL("../.cache/", import.meta.url));

export interface Workload {
  readonly path: string;
  readonly bytes: number;
  readonly events: number;
}

/** NDJSON of made-up audit events, at least `megabytes` (10^6 bytes) long. It is made once, and is the same on every machine. */
export const workload = (megabytes: number): Workload => {
  const path = `${cache}audit-${megabytes}.ndjson`;
  const made = sizeOf(path);
  if (made >= megabytes * 1e6) return { path, bytes: made, events: countEvents(made) };
  mkdirSync(cache, { recursive: true });
  const file = openSync(path, "w");
  let bytes = 0;
  for (let index = 0; bytes < megabytes * 1e6; ) {
    const lines: string[] = [];
    for (const end = index + 500; index < end; index++) lines.push(`${auditEvent(index, 1)}\n`);
    bytes += writeSync(file, lines.join(""));
  }
  closeSync(file);
  return { path, bytes, events: countEvents(bytes) };
};

const sizeOf = (path: string): number => {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
};

/** How many events of the sequence have this many bytes in all. */
const countEvents = (bytes: number): number => {
  let index = 0;
  for (let size = 0; size < bytes; index++) size += Buffer.byteLength(auditEvent(index, 1)) + 1;
  return index;
};
