import { expect, it } from "vitest";
import { virtualClock } from "../../testing/clock.ts";
import { logRecorder } from "../../testing/log.ts";
import { DeadLetterLog } from "./log.ts";

it("logs the first event of each kind at once, then a count at most once a minute", async () => {
  const clock = virtualClock();
  const log = logRecorder();
  const deadLetterLog = new DeadLetterLog(() => log, clock);
  const said = () => log.lines.map(({ message }) => message);
  for (let second = 0; second <= 120; second++) {
    deadLetterLog.add("in", "not_json", `number ${second}`);
    if (second === 30) deadLetterLog.add("in", "line_too_long", "long");
    await clock.advance(1000);
  }
  expect(said()).toEqual([
    "an event went to the dead letter (not_json): number 0",
    "an event went to the dead letter (line_too_long): long",
    "60 more events went to the dead letter (not_json): number 60",
    "60 more events went to the dead letter (not_json): number 120",
  ]);
});
