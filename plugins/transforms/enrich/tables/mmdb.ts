import { LRUCache } from "lru-cache";
import { Reader, type Response } from "mmdb-lib";
import type { Data } from "weir";
import { canonicalIp, isObject, parseJson } from "weir/fields";
import { TableError } from "weir/tables";
import { ecsOf } from "./geo.ts";
import type { TableReader } from "./table.ts";

/** How many of the values that records share are kept decoded. */
const mostDecoded = 10_000;

/** Reads a database of MaxMind's format. It is not decoded: each record is when it is looked up. */
export const mmdbReader: TableReader = function* (bytes, { key }) {
  if (key !== undefined) throw new TableError('a database finds addresses; leave "key" out');
  yield;
  const reader = opened(bytes);
  const { databaseType, ipVersion, nodeCount } = reader.metadata;
  return {
    find: (value) => {
      for (const one of Array.isArray(value) ? value : [value]) {
        const ip = typeof one === "string" ? canonicalIp(one) : undefined;
        if (ip === undefined || (ipVersion === 4 && ip.includes(":"))) continue;
        const record = plain(read(() => reader.get(ip)));
        if (isObject(record)) return ecsOf(record) ?? record;
      }
      return undefined;
    },
    size: `${databaseType}, ${nodeCount} nodes`,
  };
};

const opened = (bytes: Buffer): Reader<Response> =>
  read(() => {
    const reader = new Reader<Response>(bytes, { cache: new LRUCache<string | number, object>({ max: mostDecoded }) });
    const { searchTreeSize, ipVersion } = reader.metadata;
    if (!(searchTreeSize > 0 && searchTreeSize < bytes.length) || (ipVersion !== 4 && ipVersion !== 6))
      throw new Error("its end is missing");
    return reader;
  });

const read = <T>(action: () => T): T => {
  try {
    return action();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TableError(`the file is no database of MaxMind's format (MMDB), or it is damaged: ${reason}`);
  }
};

/** A value as events can have it: whole numbers beyond doubles stay exact, and bytes become Base64. */
const plain = (value: unknown): unknown => {
  if (typeof value === "bigint") return parseJson(String(value));
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value as Data).map(([name, member]) => [name, plain(member)]));
};
