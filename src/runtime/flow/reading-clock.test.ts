import { expect, it } from "vitest";
import { ReadingClock } from "./reading-clock.ts";

it("stands still while the source waits for room", () => {
  let now = 100;
  const clock = new ReadingClock({ now: () => 0, monotonic: () => now, sleep: async () => undefined });
  const at = (time: number) => {
    now = time;
    return clock.now();
  };
  expect([at(100), at(150)]).toEqual([100, 150]);
  clock.stop();
  clock.stop();
  expect(at(170)).toBe(150);
  clock.goOn();
  clock.goOn();
  expect([at(170), at(200)]).toEqual([150, 180]);
});
