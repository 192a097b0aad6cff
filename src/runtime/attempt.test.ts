import { expect, it } from "vitest";
import { DeliveryError, type Outcome } from "../plugin.ts";
import { virtualClock } from "../testing/clock.ts";
import { attempt } from "./attempt.ts";

const reasonOf = async (write: (signal: AbortSignal) => Promise<Outcome | undefined>): Promise<string> => {
  const clock = virtualClock();
  const writer = { write: (_: unknown, signal: AbortSignal) => write(signal) };
  const trying = attempt([], { writer, clock, timeout: 1000, signal: new AbortController().signal });
  await clock.advance(1000);
  return (await trying).reason;
};

it("says in a word what a retry is for", async () => {
  expect(await reasonOf(() => Promise.reject(new Error("refused")))).toBe("failed");
  expect(await reasonOf(() => Promise.reject(new DeliveryError("busy", { retryAfter: 5 })))).toBe("asked_to_wait");
  expect(await reasonOf(async () => ({ failed: [{ index: 0, message: "no", final: false }] }))).toBe("partly_refused");
  const hung = (signal: AbortSignal) =>
    new Promise<undefined>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  expect(await reasonOf(hung)).toBe("timed_out");
});
