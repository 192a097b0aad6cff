import { expect, it } from "vitest";
import type { Plugin, Reading, SourceContext } from "weir";
import { flaws, logRecorder, virtualClock } from "weir/testing";
import source from "./internal_logs.ts";

type Inside = NonNullable<SourceContext<unknown>["inside"]>;
type LogLine = Parameters<Parameters<Inside["followLog"]>[0]>[0];

it("is well formed", () => expect(flaws(source as Plugin)).toEqual([]));

const open = (level: "info" | "warn" | "error") => {
  const stop = new AbortController();
  const refused: string[] = [];
  let take: (line: LogLine) => void = () => undefined;
  const readings = source.read!({
    id: "said",
    config: { level },
    clock: virtualClock(),
    signal: stop.signal,
    log: logRecorder(),
    checkpoints: new Map([["log", { position: 70, detail: null }]]),
    descriptors: 10,
    deployment: { host: "node-1", version: "1.2.3" },
    refused: (reason) => void refused.push(reason),
    inside: {
      stats: () => ({}),
      followLog: (own) => {
        take = own;
      },
    },
  })[Symbol.asyncIterator]() as AsyncIterator<Reading>;
  const say = (line: Partial<LogLine> = {}) =>
    take({ at: Date.UTC(2026, 2, 1), level: "warn", component: "out", message: "no", ...line });
  return { readings, refused, say, stop };
};

const documentsIn = (reading: Reading): readonly Record<string, unknown>[] =>
  Buffer.from(reading.bytes)
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

it("makes an event of each line of its level and above, whatever is logged beside it", async () => {
  const { readings, say, stop } = open("warn");
  const first = readings.next();
  const circle: Record<string, unknown> = {};
  circle["own"] = circle;
  say({ fields: { attempt: 3 } });
  for (const level of ["debug", "info"] as const) say({ level });
  say({ level: "error", message: "x".repeat(10_000), fields: circle });
  say({ fields: { long: "y".repeat(10_000), big: 1 } });
  const { value } = await first;
  expect(value).toMatchObject({ stream: "log", position: 70 });
  const [plain, cut, long] = documentsIn(value);
  expect(documentsIn(value).length).toBe(3);
  expect(plain).toEqual({
    "@timestamp": "2026-03-01T00:00:00.000Z",
    message: "no",
    log: { level: "warn", logger: "out" },
    weir: { attempt: 3 },
    event: { kind: "event", module: "weir" },
    service: { type: "weir", version: "1.2.3" },
    host: { name: "node-1" },
  });
  expect(String(cut!["message"]).length).toBe(8192);
  expect(JSON.stringify(long).length).toBeLessThan(8192 * 1.1);
  const second = readings.next();
  say();
  expect((await second).value.position).toBe(70 + value.bytes.length);
  const third = readings.next();
  stop.abort();
  expect((await third).done).toBe(true);
});

it("keeps 1,000 lines at most while there is no room, and counts the others", async () => {
  const { readings, refused, say } = open("info");
  const first = readings.next();
  for (let n = 0; n < 1234; n++) say({ message: String(n) });
  expect(documentsIn((await first).value).length).toBe(1000);
  expect(refused).toEqual(Array.from({ length: 234 }, () => "full"));
});
