import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonOf, NotJson, RecordMeta, withData } from "./event.ts";
import { JoinedEvent, SharedMembers } from "./joined-event.ts";
import type { Data } from "./json.ts";
import { CheckedRecord } from "./record-event.ts";

const meta = new RecordMeta("in", "s", 0, 1);

const members = (prefix: string) =>
  fc
    .dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
    .map((data): Data => Object.fromEntries(Object.entries(data).map(([name, value]) => [prefix + name, value])));

it("is written as all of its members together would be, also if some are those of a record", () => {
  fc.assert(
    fc.property(members("a"), members("b"), members("c"), fc.boolean(), (first, shared, last, isRecord) => {
      const record = new CheckedRecord(meta, JSON.stringify({ ...first, gone: 1 }), undefined);
      const { gone: _, ...kept } = record.data;
      const event = isRecord ? withData(record, kept, "id") : { data: first, meta };
      const joined = new JoinedEvent(event, new SharedMembers(shared), last);
      const whole = { ...event.data, ...shared, ...last };
      expect(jsonOf(joined)).toBe(JSON.stringify(whole));
      expect(joined.data).toEqual(whole);
      expect(joined.meta).toBe(event.meta);
      // What is made of it keeps what is in the record.
      expect(jsonOf(withData(joined, { ...joined.data, more: 1 }))).toBe(JSON.stringify({ ...whole, more: 1 }));
    }),
  );
});

it("says why a part of it is not JSON", () => {
  for (const data of [{ a: 1n }, { toJSON: () => 1 }])
    for (const parts of [
      [data, {}, {}],
      [{}, data, {}],
      [{}, {}, data],
    ] as const) {
      const joined = new JoinedEvent({ data: parts[0], meta }, new SharedMembers(parts[1]), parts[2]);
      expect(jsonOf(joined)).toBeInstanceOf(NotJson);
    }
});
