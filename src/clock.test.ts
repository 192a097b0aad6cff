import { expect, it } from "vitest";
import { systemClock } from "./clock.ts";

it("sleeps for the given time, or until its signal aborts", async () => {
  await systemClock.sleep(0);
  await systemClock.sleep(-1);
  const stop = new AbortController();
  let isOver = false;
  // Longer than the longest timeout of Node, which would fire at once.
  const sleeping = systemClock.sleep(40 * 86_400_000, stop.signal).then(() => {
    isOver = true;
  });
  await systemClock.sleep(20);
  expect(isOver).toBe(false);
  stop.abort();
  await sleeping;
  await systemClock.sleep(1000, AbortSignal.abort());
});
