import { expect, it } from "vitest";
import { virtualClock } from "../../testing/clock.ts";
import { logRecorder } from "../../testing/log.ts";
import { DeadLetterNews } from "./news.ts";

it("tells the first of each kind at once, then how many more there were, once a minute at most", async () => {
  const clock = virtualClock();
  const log = logRecorder();
  const news = new DeadLetterNews(() => log, clock);
  const said = () => log.lines.map(({ message }) => message);
  for (let second = 0; second <= 120; second++) {
    news.tell("in", "not_json", `number ${second}`);
    if (second === 30) news.tell("in", "line_too_long", "long");
    await clock.advance(1000);
  }
  expect(said()).toEqual([
    "an event went to the dead letter (not_json): number 0",
    "an event went to the dead letter (line_too_long): long",
    "60 more events went to the dead letter (not_json): number 60",
    "60 more events went to the dead letter (not_json): number 120",
  ]);
});
