import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../event.ts";
import { type DecodeFailure, Decoder } from "./decoder.ts";

const decode = (body: Buffer, cuts: readonly number[] = [], maxLine = 1 << 20) => {
  const events: Event[] = [];
  const failures: DecodeFailure[] = [];
  const handlers = {
    event: (event: Event) => void events.push(event),
    failure: (failure: DecodeFailure) => void failures.push(failure),
  };
  const decoder = new Decoder("in", "s", { codec: "json", framing: "items", maxLine });
  const bounds = [0, ...[...cuts].sort((a, b) => a - b).filter((cut) => cut < body.length), body.length];
  for (let i = 1; i < bounds.length; i++)
    decoder.push(body.subarray(bounds[i - 1], bounds[i]), bounds[i - 1]!, 1, handlers);
  decoder.end(1, handlers);
  return { events, failures };
};
const data = (body: string) => decode(Buffer.from(body)).events.map((event) => event.data);

const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 8 });
const space = fc.constantFrom(0, 1, 2);

describe("items", () => {
  it("are an array's elements, whatever is in them and however it is spaced and cut", () => {
    fc.assert(
      fc.property(objects, space, fc.array(fc.nat(500)), (items, indent, cuts) => {
        const body = Buffer.from(JSON.stringify(items, null, indent));
        const { events, failures } = decode(body, cuts);
        expect(failures).toEqual([]);
        expect(events.map((event) => event.data)).toEqual(JSON.parse(body.toString()));
        for (const { meta } of events) expect(String.fromCharCode(body[meta.position]!)).toBe("{");
      }),
    );
  });

  it("are the items of a Kubernetes list, which say no more than their own in the list", () => {
    fc.assert(
      fc.property(objects, space, fc.boolean(), (items, indent, isListLast) => {
        const head = { kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: { "a]": ["}"] } };
        const list = isListLast ? { ...head, items } : { items, ...head };
        const expected = items.map((item) => ({ kind: "Event", apiVersion: "audit.k8s.io/v1", ...item }));
        expect(data(JSON.stringify(list, null, indent))).toEqual(JSON.parse(JSON.stringify(expected)));
      }),
    );
  });

  it("are the values of a sequence, and an object without a list is one", () => {
    expect(data('{"a":1}\n{"items":2}\r\n[{"b":1}]{}')).toEqual([{ a: 1 }, { items: 2 }, { b: 1 }, {}]);
    expect(data('\ufeff[{"a":1}]')).toEqual([{ a: 1 }]);
    expect(data("")).toEqual([]);
    expect(data(' [ ] {"items":[]} ')).toEqual([]);
  });

  it("that are broken fail by themselves, and what is cut short fails from there on", () => {
    const { events, failures } = decode(Buffer.from('[{"a":1},7,{"b":nope},{"c":3}]'));
    expect(events.map((event) => event.data)).toEqual([{ a: 1 }, { c: 3 }]);
    expect(failures.map(({ reason, position }) => [reason, position])).toEqual([
      ["not_an_object", 9],
      ["not_json", 11],
    ]);
    const cut = decode(Buffer.from('{"kind":"EventList","apiVersion":"v1","items":[{"a":1},{"b":2},{"c":'));
    expect(cut.events.map((event) => event.data["a"] ?? event.data["b"])).toEqual([1, 2]);
    expect(cut.failures.map(({ reason, head }) => [reason, head.toString()])).toEqual([["not_json", '{"c":']]);
  });

  it("of a list that is cut at any byte are events or in the dead letter, which tells of every cut", () => {
    const list = fc.tuple(objects, fc.boolean()).map(([items, isBare]) => (isBare ? items : { kind: "List", items }));
    fc.assert(
      fc.property(list, space, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (list, indent, place) => {
        const body = Buffer.from(JSON.stringify(list, null, indent));
        const { events, failures } = decode(body.subarray(0, Math.max(1, Math.floor(place * body.length))));
        const items = Array.isArray(list) ? list : list.items;
        expect(failures.map(({ reason }) => reason)).toEqual(["not_json"]);
        expect(events.length).toBeLessThanOrEqual(items.length);
        for (const [index, { data }] of events.entries())
          expect(data).toMatchObject(JSON.parse(JSON.stringify(items[index])));
      }),
    );
    expect(decode(Buffer.from('[{"a":1}, ')).failures.map(({ head }) => head.toString())).toEqual(["["]);
  });

  it("come out of any bytes at all, or go to the dead letter", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[],:"\\ ae1n') }), (text) => {
        const { events, failures } = decode(Buffer.from(text));
        if (text.trim() === "") expect([events.length, failures.length]).toEqual([0, 0]);
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
        } catch {
          return;
        }
        if (Array.isArray(parsed)) expect(events.length + failures.length).toBe(parsed.length);
      }),
      { numRuns: 2000 },
    );
  });

  it("over the limit are reported with their head, and the next is read", () => {
    const { events, failures } = decode(Buffer.from(`[{"a":"${"x".repeat(200)}"},{"b":1}]`), [], 100);
    expect(events.map((event) => event.data)).toEqual([{ b: 1 }]);
    expect(failures).toMatchObject([{ reason: "line_too_long", position: 1 }]);
  });
});
