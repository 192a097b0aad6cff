import { describe, expect, it } from "vitest";
import type { Data } from "../json.ts";
import { compileEql } from "./compile.ts";
import { searchEql } from "./search.ts";

/** Events a second apart, in order; `event_type` is `x` where there is none. */
const search = (query: string, data: readonly Data[], size?: number) => {
  const events = data.map((one, index) => ({ data: { event_type: "x", ...one }, time: index * 1_000, id: index }));
  return searchEql(compileEql(query, { category: "event_type" }), events, size);
};

const ids = (query: string, data: readonly Data[], size?: number) =>
  search(query, data, size).map(({ events }) => events.map((event) => event?.id ?? -1).join(" "));

const numbers = Array.from({ length: 20 }, (_, n) => ({ n }));

describe("events", () => {
  it("are the last ones, up to the size", () => {
    expect(ids("x where n < 15", numbers, 3)).toEqual(["12", "13", "14"]);
    expect(ids("x where n < 15", numbers)).toHaveLength(10);
    expect(ids("y where true", numbers)).toEqual([]);
  });

  it("go through pipes in their order", () => {
    expect(ids("any where true | head 4 | tail 2", numbers)).toEqual(["2", "3"]);
    expect(ids("any where true | tail 4 | head 2", numbers)).toEqual(["16", "17"]);
    expect(ids("any where true | head 0", numbers)).toEqual([]);
  });
});

/** From the page of Elastic on how sequence queries handle matches. */
const docs = [
  ["root", "attrib"],
  ["root", "attrib"],
  ["elkbee", "bash"],
  ["root", "bash"],
  ["root", "bash"],
  ["elkbee", "attrib"],
  ["root", "attrib"],
  ["elkbee", "bash"],
  ["root", "cat"],
  ["elkbee", "cat"],
  ["root", "cat"],
].map(([user, name]) => ({ user, name }));

describe("sequences", () => {
  const query = 'sequence by user [any where name == "attrib"] [any where name == "bash"] [any where name == "cat"]';

  it("are found by a state machine for each key", () => {
    expect(search(query, docs).map(({ keys, events }) => [keys, events.map((event) => event?.id)])).toEqual([
      [["root"], [1, 3, 8]],
      [["elkbee"], [5, 7, 9]],
    ]);
  });

  it("join by fields of their own, in the order of the fields", () => {
    const data = [{ pid: 1 }, { ppid: 1, pid: 2 }, { ppid: "1" }, { ppid: 2 }];
    expect(ids("sequence [any where pid != null] by pid [any where true] by ppid", data)).toEqual(["0 1", "1 3"]);
  });

  it("need a value for their keys, but for those with a question mark", () => {
    const data = [{ a: 1 }, {}, { a: null }, { a: 1 }];
    expect(ids("sequence by a [any where true] [any where true]", data)).toEqual(["0 3"]);
    expect(ids("sequence by ?a [any where true] [any where true]", data)).toEqual(["1 2", "0 3"]);
  });

  it("have a key for each value of a field", () => {
    expect(
      ids("sequence by a [any where n == 0] [any where n == 1]", [
        { a: ["x", "y"], n: 0 },
        { a: ["z", "y"], n: 1 },
      ]),
    ).toEqual(["0 1"]);
    const many = Array.from({ length: 40 }, (_, n) => n);
    expect(() => ids("sequence by a, b [any where true] [any where true]", [{ a: many, b: many }])).toThrow(
      "too many or too long combinations",
    );
  });

  it("may repeat an event, miss one, and end at one", () => {
    expect(ids("sequence [any where n < 5] with runs=3 [any where n == 9]", numbers)).toEqual(["2 3 4 9"]);
    expect(ids("sequence with maxspan=2s [any where n == 3] ![any where n == 4]", numbers)).toEqual([]);
    expect(ids("sequence with maxspan=2s [any where n == 3] ![any where n == 6]", numbers)).toEqual(["3 -1"]);
    expect(ids("sequence [any where n == 3] [any where n == 6] until [any where n == 5]", numbers)).toEqual([]);
  });

  it("are the last ones, up to the size", () => {
    expect(ids("sequence [any where true] [any where true]", numbers, 2)).toEqual(["17 18", "18 19"]);
  });
});

describe("samples", () => {
  const hosts = [
    { host: "b", os: "x", n: 1 },
    { host: "a", os: "y", n: 1 },
    { host: "b", os: "x", n: 2 },
    { host: "a", os: "z", n: 2 },
    { host: "a", op: "y", n: 3 },
    { n: 1 },
    { n: 2 },
  ];

  it("have different events that share a key, in the order of the keys", () => {
    expect(ids("sample by host [any where n == 1] [any where n > 1]", hosts)).toEqual(["1 3", "0 2"]);
    expect(ids("sample by ?host [any where n == 1] [any where n > 1]", hosts)).toEqual(["5 6", "1 3", "0 2"]);
    expect(ids("sample by host [any where n == 1] by os [any where n > 1] by op", hosts)).toEqual(["1 4"]);
    expect(ids("sample by host [any where true] [any where true] [any where true]", hosts)).toEqual(["1 3 4"]);
    expect(ids("sample by ?host [any where n == 1] [any where n > 1]", hosts, 1)).toEqual(["5 6"]);
  });

  it("give an event to the place that needs it", () => {
    const data = [{ a: 1, b: 1 }, { b: 1 }].map((one) => ({ ...one, k: 1 }));
    expect(ids("sample by k [any where b == 1] [any where a == 1]", data)).toEqual(["1 0"]);
  });
});
