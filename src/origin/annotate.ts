import type { Meta } from "../event.ts";
import { Draft } from "../fields/draft.ts";
import { writePath } from "../fields/write-path.ts";
import { type Data, isObject } from "../json.ts";

/** Adds fields to the data of an event that was just read; the data itself is not changed. */
export type Annotate = (data: Data, meta: Meta) => Data;

/**
 * Adds where an event is from: `host.name`, `event.ingested`, what its source says about the record and, of a record in a
 * file, `log.offset`. What the event says itself stays. `host`: the name of the machine, unless the source knows another one.
 */
export const addOrigin = (host: string): Annotate => {
  let [at, text] = [Number.NaN, ""];
  return (data, { position, ingested, origin }) => {
    if (at !== ingested) [at, text] = [ingested, new Date(ingested).toISOString()];
    const log = origin?.["log"];
    return withMissing(data, {
      ...origin,
      ...(isObject(log) && isObject(log["file"]) && { log: { ...log, offset: position } }),
      ...(origin?.["host"] === undefined && { host: { name: host } }),
      event: { ingested: text },
    });
  };
};

/** Adds labels under `labels`. They count more than labels of the event with the same names, and all others stay. */
export const addLabels =
  (labels: Data): Annotate =>
  (data) => {
    const own = data["labels"];
    const isPlain = own === undefined || isObject(own);
    if (isPlain && !hasDots(data)) return { ...data, labels: { ...own, ...labels } };
    const draft = new Draft(data);
    for (const [name, value] of Object.entries(labels)) {
      const path = writePath(`labels.${name}`);
      while (draft.remove(path));
      // Beside a value that has the name `labels`, a label is one key with a dot.
      if (!draft.add(path, value)) draft.replace({ ...draft.data, [path.text]: value });
    }
    return draft.data;
  };

/** Adds what the data does not have. A value of its own in the way of an object stays, too. */
const withMissing = (data: Data, added: Data): Data => {
  let isApart = true;
  for (const name in data) if (Object.hasOwn(added, name) || name.includes(".")) isApart = false;
  if (isApart) return { ...data, ...added };
  const draft = new Draft(data);
  for (const [path, value] of leavesOf(added)) draft.add(writePath(path), value);
  return draft.data;
};

const leavesOf = (data: Data, before = ""): (readonly [path: string, value: unknown])[] =>
  Object.entries(data).flatMap(([name, value]) =>
    isObject(value) ? leavesOf(value, `${before}${name}.`) : [[`${before}${name}`, value] as const],
  );

const hasDots = (data: Data): boolean => {
  for (const name in data) if (name.includes(".")) return true;
  return false;
};
