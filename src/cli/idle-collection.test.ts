import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { collectGarbage, collectWhenIdle } from "./idle-collection.ts";

const newReference = () => new WeakRef({ text: "x".repeat(1000) });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("collects once, and not while something arrives", () => {
  let arrived = 0;
  let collections = 0;
  collectWhenIdle(
    () => arrived,
    () => collections++,
  );
  for (let seconds = 0; seconds < 60; seconds += 4) {
    arrived++;
    vi.advanceTimersByTime(4_000);
  }
  expect(collections).toBe(0);
  vi.advanceTimersByTime(10_000);
  expect(collections).toBe(1);
  arrived++;
  vi.advanceTimersByTime(60_000);
  expect(collections).toBe(1);
});

it("collects when nothing has ever arrived", () => {
  let collections = 0;
  collectWhenIdle(
    () => 0,
    () => collections++,
  );
  vi.advanceTimersByTime(10_000);
  expect(collections).toBe(1);
});

it("collects what nobody refers to, and leaves no flag behind", async () => {
  vi.useRealTimers();
  const reference = newReference();
  // An object that was looked at is kept until the turn ends, and the stack can still refer to it for a while.
  for (let turn = 0; turn < 10; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    await collectGarbage(Number.POSITIVE_INFINITY);
  }
  expect(reference.deref()).toBeUndefined();
  expect(Object.hasOwn(globalThis, "gc")).toBe(false);
  const { runInNewContext } = await import("node:vm");
  expect(runInNewContext("typeof gc")).toBe("undefined");
});
