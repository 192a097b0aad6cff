import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, jsonOf } from "../../event.ts";
import { kubernetesList } from "../../kubernetes-list.ts";
import { parseJson } from "../../parse-json.ts";
import { type DecodeFailure, Decoder, type DecoderOptions } from "../decoder.ts";
import { ItemsFraming } from "./items.ts";

const decode = (
  body: Buffer,
  cuts: readonly number[] = [],
  { maxLine = 1 << 20, ...options }: Partial<DecoderOptions> = {},
) => {
  const events: Event[] = [];
  const failures: DecodeFailure[] = [];
  const handlers = {
    event: (event: Event) => void events.push(event),
    failure: (failure: DecodeFailure) => void failures.push(failure),
  };
  const decoder = new Decoder("in", "s", {
    codec: "json",
    framing: "items",
    listKind: kubernetesList,
    maxLine,
    ...options,
  });
  const bounds = [0, ...[...cuts].sort((a, b) => a - b).filter((cut) => cut < body.length), body.length];
  for (let i = 1; i < bounds.length; i++)
    decoder.push(body.subarray(bounds[i - 1], bounds[i]), bounds[i - 1]!, 1, handlers);
  decoder.end(1, handlers);
  return { events, failures };
};
const data = (body: string, options?: Partial<DecoderOptions>) =>
  decode(Buffer.from(body), [], options).events.map((event) => event.data);

const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 8 });
const space = fc.constantFrom(0, 1, 2);

describe("items", () => {
  it("are the same in a list of any length, whole or broken", () => {
    const items = Array.from({ length: 25_000 }, (_, n) => ({ n }));
    const text = JSON.stringify(items);
    expect(data(text)).toEqual(items);
    const list = { kind: "List", apiVersion: "v1", items };
    expect(data(JSON.stringify(list), { splitItems: "always" }).map(({ n }) => n)).toEqual(items.map(({ n }) => n));
    expect(data(JSON.stringify({ items, after: [] }), { splitItems: "always" }).length).toBe(25_000);
    const { events, failures } = decode(Buffer.from(text.slice(0, -5)));
    expect(events.length).toBe(24_999);
    expect(failures.length).toBe(1);
  });

  it.each([
    ["a list of small items", `[${Array(300_000).fill("1")}]`],
    ["a list of objects", `{"items":[${Array(300_000).fill("{}")}],"kind":"List","apiVersion":"v1"}`],
    ["an object with many members", `{${Array(300_000).fill('"a":1')},"items":[{}]}`],
    ["a list that is cut off", `[${Array(300_000).fill("{}")}`],
  ])("are looked for in steps, so that other work can go on before the first one: %s", (_, body) => {
    let records = 0;
    const record = () => void records++;
    const framing = new ItemsFraming(1 << 24, 0, { splitItems: "auto", listKind: kubernetesList });
    framing.hold(Buffer.from(body), 0);
    let steps = 0;
    for (const _step of framing.end({ record, oversize: record })) {
      if (records > 0) break;
      steps++;
    }
    expect(steps).toBeGreaterThan(250);
  });

  it("are the elements of an array, whatever they contain and however it is formatted and cut", () => {
    fc.assert(
      fc.property(objects, space, fc.array(fc.nat(500)), (items, indent, cuts) => {
        const body = Buffer.from(JSON.stringify(items, null, indent));
        const { events, failures } = decode(body, cuts);
        expect(failures).toEqual([]);
        expect(events.map((event) => event.data)).toEqual(parseJson(body.toString()));
        for (const { meta } of events) expect(String.fromCharCode(body[meta.position]!)).toBe("{");
      }),
    );
  });

  it("are the items of a Kubernetes list, which inherit what they do not have themselves", () => {
    fc.assert(
      fc.property(objects, space, fc.boolean(), (items, indent, isListLast) => {
        const head = { kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: { "a]": ["}"] } };
        const list = isListLast ? { ...head, items } : { items, ...head };
        const expected = items.map((item) => ({ kind: "Event", apiVersion: "audit.k8s.io/v1", ...item }));
        expect(data(JSON.stringify(list, null, indent))).toEqual(parseJson(JSON.stringify(expected)));
      }),
    );
  });

  it("stay in an object that is not a Kubernetes list, which is one record", () => {
    const orders = ['{"order":1,"items":[{"sku":"a"},{"sku":"b"}]}', '{"order":2,"items":[]}', '{"items":null}'];
    const lists = ['{"kind":7,"items":[{"sku":"c"}]}', '{"items":[{"sku":"d"}],"kind":"Listed"}', '{"items":[{}]}'];
    for (const text of [...orders, ...lists]) expect(data(text)).toEqual([JSON.parse(text)]);
    expect(data(orders.join(""))).toEqual(orders.map((order) => JSON.parse(order)));
  });

  it("are cut from every object with split_items: always, and from none with never", () => {
    fc.assert(
      fc.property(objects, space, fc.boolean(), fc.boolean(), (items, indent, isListLast, isKubernetes) => {
        const head = isKubernetes ? { kind: "PodList", apiVersion: "v1" } : { next: "b" };
        const text = JSON.stringify(isListLast ? { ...head, items } : { items, ...head }, null, indent);
        const defaults = isKubernetes ? { kind: "Pod", apiVersion: "v1" } : {};
        const parsed = parseJson(text) as { items: object[] };
        expect(data(text, { splitItems: "always" })).toEqual(parsed.items.map((item) => ({ ...defaults, ...item })));
        expect(data(text, { splitItems: "never" })).toEqual([parsed]);
      }),
    );
    expect(data('[{"a":1},{"items":[{"b":1}]}]', { splitItems: "never" })).toEqual([{ a: 1 }, { items: [{ b: 1 }] }]);
    expect(data('{"items":null}{"items":7}', { splitItems: "always" })).toEqual([{ items: null }, { items: 7 }]);
  });

  it("are none if a Kubernetes list is empty, or null, as Go writes it", () => {
    for (const items of ["[]", "null", " [ ] "]) {
      expect(data(`{"kind":"EventList","items":${items}}`)).toEqual([]);
      expect(data(`{"items":${items},"kind":"EventList"}`)).toEqual([]);
    }
  });

  it("inherit nothing from a list of the kind List, and no version that is not text", () => {
    expect(data('{"kind":"List","apiVersion":"v1","items":[{"kind":"Pod"},{"a":1}]}')).toEqual([
      { kind: "Pod", apiVersion: "v1" },
      { a: 1, apiVersion: "v1" },
    ]);
    expect(data('{"kind":"EventList","apiVersion":7,"items":[{"a":1}]}')).toEqual([{ kind: "Event", a: 1 }]);
  });

  it("keep their text unless their list has something to add", () => {
    const text =
      '{"kind":"EventList","apiVersion":"v1","items":[{"n":1.0},{"kind":"Event","apiVersion":"v1","n":1.0}]}';
    for (const dataRead of ["all", "parts", "none"] as const)
      expect(decode(Buffer.from(text), [], { dataRead }).events.map(jsonOf)).toEqual([
        '{"kind":"Event","apiVersion":"v1","n":1}',
        '{"kind":"Event","apiVersion":"v1","n":1.0}',
      ]);
  });

  it("of a broken list go to the dead letter, also if its kind comes last", () => {
    const { events, failures } = decode(Buffer.from('{"items":[{"a":1} {"b":2}],"kind":"EventList"}{"c":3}'));
    expect(events).toEqual([]);
    expect(failures.map(({ head }) => head.toString())).toEqual(['{"a":1} {"b":2}],"kind":"EventList"}{"c":3}']);
  });

  it("are the values of a sequence, and an object without a list is one", () => {
    expect(data('{"a":1}\n{"items":2}\r\n[{"b":1}]{}')).toEqual([{ a: 1 }, { items: 2 }, { b: 1 }, {}]);
    expect(data('\ufeff[{"a":1}]')).toEqual([{ a: 1 }]);
    expect(data("")).toEqual([]);
    expect(data(" [ ] ")).toEqual([]);
  });

  it("that are broken fail alone, and a truncated body fails from there on", () => {
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

  it("of a list that is truncated at any byte are events or in the dead letter, and every truncation is reported", () => {
    const list = fc.tuple(objects, fc.boolean()).map(([items, isBare]) => (isBare ? items : { kind: "List", items }));
    fc.assert(
      fc.property(list, space, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (list, indent, place) => {
        const body = Buffer.from(JSON.stringify(list, null, indent));
        const { events, failures } = decode(body.subarray(0, Math.max(1, Math.floor(place * body.length))));
        const items = Array.isArray(list) ? list : list.items;
        expect(failures.map(({ reason }) => reason)).toEqual(["not_json"]);
        expect(events.length).toBeLessThanOrEqual(items.length);
        for (const [index, { data }] of events.entries())
          expect(data).toMatchObject(parseJson(JSON.stringify(items[index])) as object);
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
    const { events, failures } = decode(Buffer.from(`[{"a":"${"x".repeat(200)}"},{"b":1}]`), [], { maxLine: 100 });
    expect(events.map((event) => event.data)).toEqual([{ b: 1 }]);
    expect(failures).toMatchObject([{ reason: "line_too_long", position: 1 }]);
  });
});
