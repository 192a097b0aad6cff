import { describe, expect, it } from "vitest";
import { RecordMeta } from "../event.ts";
import { eventTime, parseTime } from "./event-time.ts";

const ingested = Date.parse("2026-04-02T10:00:00.500Z");
const event = (data: { [key: string]: unknown }) => ({ data, meta: new RecordMeta("audit", "log", 0, ingested) });

describe("eventTime", () => {
  it("reads event.ingested from the host, whatever the event says", () => {
    expect(eventTime("event.ingested")(event({ event: { ingested: "2001-01-01T00:00:00Z" } }))).toEqual({
      at: ingested,
    });
  });

  it("reads a field with microseconds, or with milliseconds since 1970", () => {
    const read = eventTime("audit.stageTimestamp");
    const at = Date.parse("2026-04-02T09:59:58.123Z");
    expect(read(event({ audit: { stageTimestamp: "2026-04-02T09:59:58.123456Z" } }))).toEqual({ at });
    expect(read(event({ "audit.stageTimestamp": at }))).toEqual({ at });
  });

  it("uses the time of ingestion if there is no readable time, and notes it", () => {
    const read = eventTime("at");
    for (const at of [undefined, null, [], "", "yesterday", "2026-13-40T00:00:00Z", {}, true])
      expect(read(event({ at }))).toEqual({ at: ingested, note: "untimed" });
  });

  it("limits a time to five minutes ahead of ingestion", () => {
    const read = eventTime("at");
    expect(read(event({ at: ingested + 300_000 }))).toEqual({ at: ingested + 300_000 });
    expect(read(event({ at: ingested + 300_001 }))).toEqual({ at: ingested + 300_000, note: "clamped" });
  });
});

describe("parseTime", () => {
  it.each([
    ["2026-04-02T10:00:00Z", "2026-04-02T10:00:00.000Z"],
    ["2026-04-02T10:00:00", "2026-04-02T10:00:00.000Z"],
    ["2026-04-02T10:00", "2026-04-02T10:00:00.000Z"],
    ["2026-04-02", "2026-04-02T00:00:00.000Z"],
    ["2026-04-02T10:00:00.9999999+02:00", "2026-04-02T08:00:00.999Z"],
    ["2026-04-02T10:00:00,5+0530", "2026-04-02T04:30:00.500Z"],
    ["-1", "1969-12-31T23:59:59.999Z"],
    ["1775124000000.75", "2026-04-02T10:00:00.000Z"],
  ])("reads %s", (text, expected) => {
    expect(new Date(parseTime(text)!).toISOString()).toBe(expected);
  });

  it.each(["", " ", "10:00", "Thu Apr 02 2026", "1e9", "2026-04-02T10:00:00Z ", "9".repeat(20)])(
    "does not take %j for a time",
    (text) => {
      expect(parseTime(text)).toBeUndefined();
    },
  );
});

it("takes the own time of an event of a baseline for that of its ingestion", () => {
  const read = eventTime("event.ingested");
  const at = (source: string, data: Readonly<Record<string, unknown>>) =>
    read({ data, meta: new RecordMeta(source, "log", 0, 1_000_000) });
  const own = { "@timestamp": "1970-01-01T00:00:07Z" };
  const audit = { kubernetes: { audit: { stageTimestamp: "1970-01-01T00:00:05Z" } } };
  expect(at("log", own)).toEqual({ at: 1_000_000 });
  expect(at("alerts:baseline", own)).toEqual({ at: 7_000 });
  expect(at("alerts:baseline:reduce", { ...own, ...audit })).toEqual({ at: 5_000 });
  expect(at("alerts:baseline", {})).toEqual({ at: 1_000_000, note: "untimed" });
});
