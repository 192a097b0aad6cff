import { expect, it } from "vitest";
import { virtualClock } from "../testing/clock.ts";
import { logRecorder } from "../testing/log.ts";
import { full, Refusal } from "./problem.ts";
import { RefusalLog } from "./refusal-log.ts";

it("counts every refusal, and says each status once a minute", async () => {
  const [clock, log] = [virtualClock(), logRecorder()];
  const counted: string[] = [];
  const refusals = new RefusalLog({ clock, log, refused: (reason) => counted.push(reason) });
  for (let seconds = 0; seconds < 90; seconds += 30) {
    refusals.add(full("no room"));
    refusals.add(new Refusal(401, "who are you"));
    await clock.advance(30_000);
  }
  expect(counted).toEqual(["http_429", "http_401", "http_429", "http_401", "http_429", "http_401"]);
  expect(log.lines.map(({ message }) => message)).toEqual([
    "a request was refused with 429: no room",
    "a request was refused with 401: who are you",
    "a request was refused with 429, and 1 more since the last time this was said: no room",
    "a request was refused with 401, and 1 more since the last time this was said: who are you",
  ]);
});
