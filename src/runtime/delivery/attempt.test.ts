import { expect, it } from "vitest";
import type { Clock } from "../../clock.ts";
import { DeliveryError, type Outcome } from "../../plugin.ts";
import { turn, virtualClock } from "../../testing/clock.ts";
import { delivery } from "../../testing/sink.ts";
import { attempt } from "./attempt.ts";

const events = [delivery({ n: 0 }), delivery({ n: 1 })];

/** One attempt whose write takes a second at most. */
const attempted = (write: (signal: AbortSignal, clock: Clock) => Promise<Outcome | undefined>) => {
  const clock = virtualClock();
  const writer = { write: (_: unknown, signal: AbortSignal) => write(signal, clock) };
  const { signal } = new AbortController();
  return { clock, trying: attempt(events, { component: "out", writer, clock, timeout: 1000, signal }) };
};

const reasonOf = async (write: (signal: AbortSignal) => Promise<Outcome | undefined>): Promise<string> => {
  const { clock, trying } = attempted(write);
  await turn();
  await clock.advance(1000);
  return (await trying).reason;
};

it("names the cause of a retry", async () => {
  expect(await reasonOf(() => Promise.reject(new Error("refused")))).toBe("failed");
  expect(await reasonOf(() => Promise.reject(new DeliveryError("busy", { retryAfter: 5 })))).toBe("asked_to_wait");
  expect(await reasonOf(async () => ({ failed: [{ index: 0, message: "no", final: false }] }))).toBe("partly_refused");
  expect(await reasonOf(async () => "ok" as unknown as Outcome)).toBe("bad_outcome");
  const hung = (signal: AbortSignal) =>
    new Promise<undefined>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  expect(await reasonOf(hung)).toBe("timed_out");
});

it("accepts the result of a late write within the grace period", async () => {
  const { clock, trying } = attempted(async (_, clock) => {
    await clock.sleep(5999);
    return { failed: [{ index: 1, message: "no", final: true }] };
  });
  await clock.advance(5999);
  expect(await trying).toMatchObject({ failed: [{ index: 1, message: "no" }], reason: "partly_refused" });
});

it("fails for all events when the write ignores its signal, and ignores its late result", async () => {
  for (const end of [() => undefined, () => Promise.reject(new Error("too late"))]) {
    const { clock, trying } = attempted(async (_, clock) => {
      await clock.sleep(6001);
      return end();
    });
    await clock.advance(6000);
    const { failed, reason, isHung } = await trying;
    const message = "the write did not return 5 s after its time-out: the plugin ignores its abort signal";
    expect(failed).toEqual([0, 1].map((index) => ({ index, message, final: false })));
    expect({ reason, isHung }).toEqual({ reason: "timed_out", isHung: true });
    await clock.advance(1000);
    expect(clock.sleepers).toBe(0);
  }
});

it("leaves no timer behind", async () => {
  const { clock, trying } = attempted(async () => undefined);
  await trying;
  expect(clock.sleepers).toBe(0);
});

it("recognizes a DeliveryError of another copy of the package", async () => {
  const path = "../../delivery-error.ts?copy";
  const copy = (await import(/* @vite-ignore */ path)) as { readonly DeliveryError: typeof DeliveryError };
  expect(copy.DeliveryError).not.toBe(DeliveryError);
  const busy = new copy.DeliveryError("busy", { retryAfter: 5000 });
  expect(busy).not.toBeInstanceOf(DeliveryError);
  expect(await attempted(() => Promise.reject(busy)).trying).toMatchObject({
    reason: "asked_to_wait",
    retryAfter: 5000,
  });
  const never = new copy.DeliveryError("never", { final: true });
  expect(await attempted(() => Promise.reject(never)).trying).toMatchObject({
    failed: [0, 1].map((index) => ({ index, message: "never", final: true })),
  });
});

it("ignores a pause that is not a number", async () => {
  for (const retryAfter of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const busy = new DeliveryError("busy", { retryAfter });
    expect((await attempted(() => Promise.reject(busy)).trying).retryAfter).toBeUndefined();
  }
});

const failure = (index: unknown) => ({ index, message: "no", final: false });

it.each([
  ["ok", 'returned "ok" from write(); it must return nothing, or an object such as { failed: [] }'],
  [[failure(0)], "returned [ [Object] ] from write(); it must return"],
  [null, "returned null from write(); it must return"],
  [new Response("late", { status: 500 }), "returned Response {"],
  [{ failed: "all" }, 'returned "all" as "failed"; it must be an array of failures'],
  [{ failed: [failure(2)] }, "a failure with index 2 in a write of 2; an index is an integer from 0 to 1"],
  [{ failed: [failure(-1)] }, "a failure with index -1 in a write of 2"],
  [{ failed: [failure(0.5)] }, "a failure with index 0.5 in a write of 2"],
  [{ failed: [failure("0")] }, 'a failure with index "0" in a write of 2'],
  [{ failed: [undefined] }, "a failure with index undefined in a write of 2"],
  [{ failed: [failure(1), failure(1)] }, "two failures with index 1; each event may fail once in a write"],
])("a write that returns %j has failed for all events", async (outcome, words) => {
  const { failed, reason } = await attempted(async () => outcome as unknown as Outcome).trying;
  expect(reason).toBe("bad_outcome");
  expect(failed.map(({ index, final }) => ({ index, final }))).toEqual([
    { index: 0, final: false },
    { index: 1, final: false },
  ]);
  expect(failed[0]!.message).toContain(words);
  expect(failed[0]!.message).toMatch(/^the sink "out" \S/);
});

it.each([undefined, {}, { record: 3 }, { failed: [] }, Object.create(null)])(
  "a write may return %j",
  async (outcome) => {
    expect((await attempted(async () => outcome as Outcome).trying).failed).toEqual([]);
  },
);
