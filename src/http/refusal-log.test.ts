import { expect, it } from "vitest";
import { logRecorder, virtualClock } from "../testing/index.ts";
import { Refusal } from "./problem.ts";
import { RefusalLog } from "./refusal-log.ts";

it("counts each, and reports each status once a minute, with how many there were", async () => {
  const [clock, log] = [virtualClock(), logRecorder()];
  const counted: string[] = [];
  const refusals = new RefusalLog({ clock, log, refused: (reason) => counted.push(reason) });
  const add = (status: number, count: number) => {
    for (let index = 0; index < count; index++) refusals.add(new Refusal(status, "No."));
  };
  add(429, 5);
  add(401, 1);
  await clock.advance(61_000);
  add(429, 2);
  expect(log.lines.map(({ message }) => message)).toEqual([
    "refused a request with 429: No.",
    "refused a request with 401: No.",
    "refused a request with 429, and 4 more since the last such message: No.",
  ]);
  expect(counted.filter((reason) => reason === "http_429").length).toBe(7);
  expect(counted.length).toBe(8);
});
