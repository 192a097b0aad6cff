import { expect, it } from "vitest";
import { virtualClock } from "../testing/clock.ts";
import { Seldom } from "./seldom.ts";

it("lets each be said at once, then once a minute with a count of what was not said", async () => {
  const clock = virtualClock();
  const seldom = new Seldom(clock);
  expect([seldom.ask("a"), seldom.ask("a"), seldom.ask("b"), seldom.ask("a")]).toEqual([0, undefined, 0, undefined]);
  await clock.advance(59_999);
  expect(seldom.ask("a")).toBeUndefined();
  await clock.advance(1);
  expect([seldom.ask("a"), seldom.ask("a"), seldom.ask("b")]).toEqual([3, undefined, 0]);
});

it.each([-1, 1])("is not silenced, and not flooded, when the clock is set by %d years", async (years) => {
  const clock = virtualClock();
  const seldom = new Seldom(clock);
  seldom.ask("a");
  clock.set(clock.now() + years * 31_536_000_000);
  expect(seldom.ask("a")).toBeUndefined();
  await clock.advance(60_000);
  expect(seldom.ask("a")).toBe(1);
});
