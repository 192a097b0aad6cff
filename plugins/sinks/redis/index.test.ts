import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Plugin } from "weir";
import { Template } from "weir/fields";
import { delivery, flaws, openSink } from "weir/testing";
import { freePort } from "../../../test/end-to-end/free-port.ts";
import { entriesOf, inParts, namesKey } from "./entries.ts";
import sink from "./index.ts";
import { checkRedis, commandOf, type RedisConfig } from "./options.ts";

it("is well formed", () => expect(flaws(sink as Plugin)).toEqual([]));

const config: RedisConfig = {
  url: "redis://127.0.0.1:6379",
  key: new Template("logs:{{ set }}"),
  data_type: "stream",
  event_field: "event",
  id_field: "id",
  fields: {},
  tls: {},
};

const fields = { event: "event", id: "id", more: [["team", new Template("{{ team:-all }}")] as const] };
const place = { writer: "w", position: 40 };

describe("the entries of a write", () => {
  it("are by key, with their places, and without events that have no key", () => {
    const events = [{ set: "a", n: 0 }, { n: 1 }, { set: "b", team: "x" }, { set: "a" }];
    const deliveries = events.map((data, index) => delivery(data, `in/s@${index}`));
    const { byKey, failed } = entriesOf(deliveries, place, { key: config.key, fields });
    expect([...byKey.keys()]).toEqual(["logs:a", "logs:b"]);
    expect(byKey.get("logs:a")!.map(({ index, place: at }) => [index, at])).toEqual([
      [0, 40],
      [3, 43],
    ]);
    const inB = ["event", '{"set":"b","team":"x"}', "id", "in/s@2", "team", "x"];
    expect(byKey.get("logs:b")!.map(({ texts }) => texts)).toEqual([inB]);
    expect(failed).toEqual([{ index: 1, message: expect.stringContaining('"set" has no value'), final: true }]);
  });

  it("have names by place, id and content", () => {
    const name = (data: object, id: string, position: number) =>
      entriesOf(
        [delivery(data as never, id)],
        { writer: "w", position },
        { key: new Template("k"), fields: undefined },
      ).byKey.get("k")![0]!.name;
    const first = name({ n: 1 }, "a", 0);
    expect(name({ n: 1 }, "a", 0)).toBe(first);
    for (const other of [name({ n: 2 }, "a", 0), name({ n: 1 }, "b", 0), name({ n: 1 }, "a", 1)])
      expect(other).not.toBe(first);
  });

  it("PROPERTY: come in parts of limited size, in order", () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 2 * 1024 * 1024 }), { minLength: 1, maxLength: 1_500 });
    fc.assert(
      fc.property(sizes, (all) => {
        const entries = all.map((size, index) => ({ index, place: index, name: "", texts: [], size }));
        const parts = inParts(entries);
        expect(parts.flat()).toEqual(entries);
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(500);
          const total = part.reduce((sum, { size }) => sum + size, 0);
          expect(part.length === 1 || total <= 1024 * 1024).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

it("names are beside their events where keys are divided among servers", () => {
  expect(namesKey("logs", "w")).toBe("{logs}:weir:w");
  expect(namesKey("logs:{a}:x", "w")).toBe("logs:{a}:x:weir:w");
});

it.each([
  [{ list_command: "LPUSH" }, '"list_command" has no effect with data_type "stream"'],
  [{ data_type: "channel", max_length: 5 }, '"max_length" has no effect with data_type "channel"'],
  [{ data_type: "list", fields: { a: new Template("b") } }, '"fields" has no effect with data_type "list"'],
  [{ fields: { id: new Template("b") } }, 'an entry already has the field "id"'],
  [{ id_field: "event" }, "have the same name"],
  [{ tls: { ca: "ca.pem" } }, '"tls" has no effect on a URL that begins with "redis://"'],
  [{ url: "unix:///run/redis.sock", tls: { ca: "ca.pem" } }, 'begins with "unix://"'],
] as const)("refuses %j", (more, message) => {
  expect(() => checkRedis({ ...config, ...more } as RedisConfig)).toThrow(message);
});

it("writes with the command of its kind", () => {
  const commands = [{}, { data_type: "list" }, { data_type: "list", list_command: "LPUSH" }, { data_type: "channel" }];
  expect(commands.map((more) => commandOf({ ...config, ...more } as RedisConfig))).toEqual([
    "XADD",
    "RPUSH",
    "LPUSH",
    "PUBLISH",
  ]);
});

it("says what keeps it from writing, and saves who it is before it tries", async () => {
  const saved: unknown[] = [];
  const port = await freePort();
  const opened = await openSink(sink, {
    config: { ...config, url: `redis://127.0.0.1:${port}` },
    save: async (record) => void saved.push(record),
  });
  await expect(opened.write([delivery({ set: "a" })])).rejects.toThrow(
    `Redis at 127.0.0.1:${port} does not accept the events: nothing is listening there (ECONNREFUSED)`,
  );
  expect(saved).toEqual([{ writer: expect.stringMatching(/^[0-9a-f]{8}$/), position: 0 }]);
  await opened.close();
});
