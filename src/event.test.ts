import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Decoder } from "./decode/decoder.ts";
import { type Event, jsonOf, NotJson, RecordMeta, withData } from "./event.ts";
import type { Data } from "./json.ts";
import { parseJson } from "./parse-json.ts";

const meta = new RecordMeta("in", "s", 7, 1);

/** The one event of a record. */
const read = (record: string | Buffer, dataRead: "all" | "parts" | "none"): Event => {
  const events: Event[] = [];
  const decoder = new Decoder("in", "s", { codec: "json", framing: "whole", maxLine: 1 << 20, dataRead });
  const handlers = { event: (event: Event) => void events.push(event), failure: () => expect.unreachable() };
  decoder.push(Buffer.from(record), 0, 1, handlers);
  decoder.end(1, handlers);
  expect(events).toHaveLength(1);
  return events[0]!;
};

const both = (record: string | Buffer) => (["all", "parts", "none"] as const).map((dataRead) => read(record, dataRead));

describe("jsonOf", () => {
  it.each([
    ['{"id":12345678901234567890,"one":1.0,"big":1e400,"small":-0}'],
    ['{ "b": 1, "a" : [ 1 , 2 ] }'],
    ['{"2":1,"1":2,"a\\u0062":"\\u00e9\\/"}'],
    ['{"text":"é \u2028 \ufffd 😀"}'],
    ['{"half":"\\ud800"}'],
  ])("keeps the text of a record: %s", (text) => {
    for (const event of both(text)) expect(jsonOf(event)).toBe(text);
    for (const event of both(` \t${text}\r`)) expect(jsonOf(event)).toBe(text);
  });

  it("joins a record of several lines into one, and keeps the digits of its numbers", () => {
    for (const event of both('{\r\n  "id": 12345678901234567890,\n\n\t"text": "a  b",\n  "list": [\n    1.0\n  ]\n}\n'))
      expect(jsonOf(event)).toBe('{"id": 12345678901234567890,"text": "a  b","list": [1.0]}');
  });

  it.each([
    ['{"user":"admin","user":"nobody","n":1.0}', '{"user":"nobody","n":1}'],
    ['{"user":"admin","us\\u0065r":"nobody"}', '{"user":"nobody"}'],
    ['{"a":[{"b":{"c":1,"c":2}}]}', '{"a":[{"b":{"c":2}}]}'],
  ])("writes the data of a record with a repeated name: %s", (text, expected) => {
    for (const event of both(text)) expect(jsonOf(event)).toBe(expected);
  });

  it("writes the data of a record that is not UTF-8", () => {
    for (const event of both(Buffer.from('{"n":1.0,"text":"\xff"}', "latin1")))
      expect(jsonOf(event)).toBe('{"n":1,"text":"\ufffd"}');
  });

  it("means the same as the data, for any record", () => {
    const record = fc
      .tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, "\t"))
      .map(([data, indent]) => JSON.stringify(data, null, indent));
    fc.assert(
      fc.property(record, (text) => {
        for (const event of both(text)) {
          const json = jsonOf(event) as string;
          expect(json).not.toMatch(/[\r\n]/);
          expect(JSON.parse(json)).toEqual(JSON.parse(text));
          expect(event.data).toEqual(parseJson(text));
        }
      }),
    );
  });

  it("does not change when the source reuses its bytes", () => {
    const block = Buffer.from('{"n":1.0}\n'.repeat(100));
    const events: Event[] = [];
    const decoder = new Decoder("in", "s", { codec: "json", framing: "newline", maxLine: 100, dataRead: "none" });
    decoder.push(block, 0, 1, { event: (event) => void events.push(event), failure: () => undefined });
    block.fill("#");
    for (const event of events) expect([jsonOf(event), event.data]).toEqual(['{"n":1.0}', { n: 1 }]);
  });

  it("stays the text of the record under another id, and that of its members with other data", () => {
    for (const event of both('{"n":1.0}')) {
      const renamed = withData(event, event.data, "other");
      expect([renamed.meta.id, renamed.meta.parent, jsonOf(renamed)]).toEqual(["other", event.meta, '{"n":1.0}']);
      expect(withData(event, event.data)).toBe(event);
      expect(jsonOf(withData(renamed, renamed.data, () => "third"))).toBe('{"n":1.0}');
      expect(jsonOf(withData(event, { ...event.data }))).toBe('{"n":1.0}');
      const longer = withData(event, { k: 0, ...event.data, m: 2 });
      expect(jsonOf(longer)).toBe('{"k":0,"n":1.0,"m":2}');
      expect(jsonOf(withData(longer, { ...longer.data, n: 2 }))).toBe('{"k":0,"n":2,"m":2}');
      expect(jsonOf(withData(event, { m: 2 }, "other"))).toBe('{"m":2}');
    }
  });

  const circle: Record<string, unknown> = {};
  circle["user"] = { self: circle };
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  it.each<[unknown, string]>([
    [circle, 'the value at "user.self" is a circular reference'],
    [{ tags: [1, 2n] }, 'the value at "tags[1]" is a BigInt'],
    [{ deep }, "is nested deeper than 512 levels"],
    [{ toJSON: () => "text" }, 'the value at "toJSON" is a function'],
    [Object.defineProperty({}, "toJSON", { value: () => 1 }), "JSON.stringify does not return an object for the data"],
    [[1], "the data is an array"],
    [undefined, "the data is nothing"],
    [
      {
        get broken() {
          throw new Error("no");
        },
      },
      'the value at "broken" is a getter',
    ],
  ])("never throws, and says why data cannot be written as JSON", (data, message) => {
    const refused = jsonOf({ data: data as Data, meta });
    expect(refused).toBeInstanceOf(NotJson);
    expect((refused as NotJson).message).toContain(message);
  });

  it("never throws for an event whose data cannot be read", () => {
    const event = {
      meta,
      get data(): Data {
        throw new Error("closed");
      },
    };
    expect(jsonOf(event)).toEqual(new NotJson("the data cannot be read: closed"));
  });
});
