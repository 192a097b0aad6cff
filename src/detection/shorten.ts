import { type Data, isContainer, isObject } from "../json.ts";

/** A shortened copy of data, and which fields were shortened or left out. */
export interface Shortened {
  readonly data: Data;
  /** Dotted paths, at most 20, each at most 200 characters. */
  readonly fields: readonly string[];
}

const maxFields = 20;
const longestPath = 200;

/**
 * Shortens data to `room` bytes of JSON. Small members stay whole: room is shared out from the smallest member to the
 * largest. Lists keep their first elements, and text its beginning. Data that fits is returned as it is.
 */
export const shorten = (data: Data, room: number): Shortened => {
  const sizes = new Map<object, number>();
  if (sizeOf(data, sizes) <= room) return { data, fields: [] };
  const fields = new Set<string>();
  const note = (path: string) => {
    if (fields.size < maxFields) fields.add(path.slice(0, longestPath));
  };
  return { data: shortObject(data, room, "", { sizes, note }), fields: [...fields] };
};

interface Job {
  readonly sizes: ReadonlyMap<object, number>;
  readonly note: (path: string) => void;
}

/** Bytes of a value as JSON; those of objects and lists are kept in `sizes`. */
const sizeOf = (value: unknown, sizes: Map<object, number>): number => {
  if (!isContainer(value)) return scalarSize(value);
  // Documents share lists: the addresses of a request are in several fields.
  const known = sizes.get(value);
  if (known !== undefined) return known;
  let size = 2;
  if (Array.isArray(value)) for (const item of value) size += sizeOf(item, sizes) + 1;
  else for (const key of Object.keys(value)) size += memberCost(key) + sizeOf((value as Data)[key], sizes);
  sizes.set(value, size);
  return size;
};

/** Bytes of a key with its quotes, colon and comma. */
const memberCost = (key: string): number => scalarSize(key) + 2;
const scalarSize = (value: unknown): number =>
  typeof value === "string" && plain.test(value) ? value.length + 2 : Buffer.byteLength(JSON.stringify(value) ?? "");

/** ASCII without characters that JSON escapes. */
const plain = /^[ !#-[\]-~]*$/;

const knownSize = (value: unknown, { sizes }: Job): number =>
  isContainer(value) ? sizes.get(value)! : scalarSize(value);

/** A copy of at most `room` bytes; undefined if not even the beginning fits. */
const short = (value: unknown, room: number, path: string, job: Job): unknown => {
  const size = knownSize(value, job);
  if (size <= room) return value;
  if (room < 2) return undefined;
  if (Array.isArray(value)) return shortList(value, room, path, job);
  if (isObject(value)) return shortObject(value, room, path, job);
  job.note(path);
  return typeof value === "string" ? shortText(value, room) : undefined;
};

const shortText = (text: string, room: number): string => {
  // A character needs at least one byte. What is longer is found by halving.
  let length = Math.min(text.length, room - 2);
  while (length > 0 && scalarSize(text.slice(0, length)) > room) length = Math.floor(length / 2);
  // Half of a surrogate pair is not a character.
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, "");
};

const shortList = (list: readonly unknown[], room: number, path: string, job: Job): readonly unknown[] => {
  job.note(path);
  const kept: unknown[] = [];
  let left = room - 2;
  for (const item of list) {
    const size = knownSize(item, job);
    if (size + 1 <= left) kept.push(item);
    else {
      const part = kept.length === 0 ? short(item, left - 1, path, job) : undefined;
      if (part !== undefined) kept.push(part);
      break;
    }
    left -= size + 1;
  }
  return kept;
};

const shortObject = (object: Data, room: number, path: string, job: Job): Data => {
  const members = Object.entries(object).map(([key, value]) => {
    const size = knownSize(value, job);
    return { key, value, cost: memberCost(key), size };
  });
  const kept = new Map<string, unknown>();
  let left = room - 2;
  let count = members.length;
  for (const { key, value, cost, size } of members.toSorted((a, b) => a.cost + a.size - b.cost - b.size)) {
    const share = Math.floor(left / count--);
    const inner = path === "" ? key : `${path.slice(0, longestPath)}.${key}`;
    const part = cost < share ? short(value, share - cost, inner, job) : undefined;
    if (part === undefined) {
      job.note(inner);
      continue;
    }
    kept.set(key, part);
    left -= part === value ? cost + size : share;
  }
  return Object.fromEntries(members.filter(({ key }) => kept.has(key)).map(({ key }) => [key, kept.get(key)]));
};
