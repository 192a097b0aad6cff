import { describe, expect, it } from "vitest";
import { RecordMeta } from "../event.ts";
import type { Data } from "../json.ts";
import { timeReader } from "./time-reader.ts";

const now = Date.UTC(2026, 5, 1);
const noon = Date.UTC(2026, 0, 31, 12);

const found = (data: Data, field?: string) =>
  timeReader(field, now)({ data, meta: new RecordMeta("log", "file", 0, 0) });

describe("the time of a record", () => {
  it.each<[Data, number, string]>([
    [{ "@timestamp": "2026-01-31T12:00:00Z" }, noon, "@timestamp"],
    [
      { stageTimestamp: "2026-01-31T12:00:00.123456Z", timestamp: "2020-01-01T00:00:00Z" },
      noon + 123,
      "stageTimestamp",
    ],
    [{ time: noon / 1000 }, noon, "time"],
    [{ ts: noon / 1000 + 0.25 }, noon + 250, "ts"],
    [{ timestamp: noon }, noon, "timestamp"],
    [{ time: String(noon * 1_000_000) }, noon, "time"],
    [{ "@timestamp": "never", time: "2026-01-31 13:00:00+01:00" }, noon, "time"],
    [
      { message: '{"level":"Metadata","stageTimestamp":"2026-01-31T12:00:00.5Z","annotations":{}}' },
      noon + 500,
      "stageTimestamp",
    ],
    [{ message: '{"note":"2020-01-01T00:00:00Z","eventTime":"2026-01-31T12:00:00Z"}' }, noon, "eventTime"],
    [{ message: '10.0.0.1 - - [31/Jan/2026:13:00:00 +0100] "GET / HTTP/1.1" 200 1' }, noon, "text"],
    [{ message: "<13>1 2026-01-31T12:00:00Z host app - - - hello" }, noon, "text"],
    [{ envelope: { log: { at: "2026-01-31T12:00:00Z" } } }, noon, "text"],
  ])("is found in %j", (data, at, where) => {
    expect(found(data)).toEqual({ at, where });
  });

  it.each<[Data]>([
    [{}],
    [{ "@timestamp": "9999-01-01T00:00:00Z" }],
    [{ "@timestamp": "1969-01-01T00:00:00Z" }],
    [{ "@timestamp": new Date(now + 2 * 86_400_000).toISOString() }],
    [{ time: null, ts: true, date: ["x"], datetime: { a: 1 } }],
    [{ time: 5 }],
    [{ message: "hello" }],
    [{ message: "{".repeat(100_000) }],
    [{ message: "1".repeat(1_000_000) }],
    [{ message: "2026-13-41T99:99:99Z" }],
    [JSON.parse('{"__proto__":{"time":1769860800}}')],
  ])("is none in %.80j", (data) => {
    expect(found(data)).toBeUndefined();
  });

  it("is in the named field only, also of a line of JSON", () => {
    const other = { "@timestamp": "2020-01-01T00:00:00Z" };
    expect(found({ ...other, event: { created: "2026-01-31T12:00:00Z" } }, "event.created")?.at).toBe(noon);
    expect(found({ message: JSON.stringify({ ...other, at: noon }) }, "at")).toEqual({ at: noon, where: "at" });
    expect(found(other, "event.created")).toBeUndefined();
  });
});
