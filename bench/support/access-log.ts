import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Workload } from "./workload.ts";

const cache = fileURLToPath(new URL("../.cache/", import.meta.url));
const methods = ["GET", "GET", "GET", "GET", "POST", "HEAD"];
const paths = ["/", "/index.html", "/api/orders", "/static/app.9f2c.js", "/images/orchard.webp", "/login", "/search"];
const statuses = [200, 200, 200, 200, 200, 301, 304, 404, 500];
const agents = [
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
  "curl/8.14.1",
  "kube-probe/1.36",
];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const two = (number: number): string => String(number).padStart(2, "0");

/** Line `index` of an access log in the combined format of Apache and nginx: always the same one. */
export const accessLine = (index: number): string => {
  const mixed = Math.imul(index ^ (index >>> 7), 0x9e3779b1) >>> 0;
  const pick = <T>(list: readonly T[], shift: number): T => list[(mixed >>> shift) % list.length]!;
  const at = new Date(Date.UTC(2026, 0, 1) + index * 37);
  const date = `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
  const client = `192.0.2.${(mixed >>> 3) & 255}`;
  const user = mixed % 9 === 0 ? "mira" : "-";
  const request = `${pick(methods, 5)} ${pick(paths, 8)}?id=${mixed % 100_000} HTTP/1.1`;
  const referrer = mixed % 3 === 0 ? "-" : `https://www.example.com${pick(paths, 11)}`;
  return `${client} - ${user} [${date}:${time} +0000] "${request}" ${pick(statuses, 13)} ${mixed % 50_000} "${referrer}" "${pick(agents, 16)}"`;
};

/** A log of so many lines. */
export const accessLog = (events: number): Workload => linesOf(`access-${events}.log`, events, accessLine);

/** Numbers by key as NDJSON: so many keys, each of which comes `events / keys` times, in a mixed order. */
export const keyedNumbers = (keys: number, events: number): Workload =>
  linesOf(`keys-${keys}-${events}.ndjson`, events, (index) => {
    const key = (Math.imul(index, 0x9e3779b1) >>> 0) % keys;
    return `{"key":"customer-${key}","bytes":${(index * 7919) % 10_007}}`;
  });

export const linesOf = (name: string, events: number, line: (index: number) => string): Workload => {
  mkdirSync(cache, { recursive: true });
  const path = `${cache}${name}`;
  const file = openSync(path, "w");
  let bytes = 0;
  for (let index = 0; index < events; ) {
    let text = "";
    for (const end = Math.min(events, index + 1_000); index < end; index++) text += `${line(index)}\n`;
    bytes += writeSync(file, text);
  }
  closeSync(file);
  return { path, bytes, events };
};
