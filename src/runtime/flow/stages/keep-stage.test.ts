import { expect, it } from "vitest";
import { testEvent } from "../../../testing/event.ts";
import { KeepRun } from "../../../testing/keep-run.ts";

/** Emits a window of `size` characters, which an event has opened. */
const windows = (size: number) =>
  new KeepRun({
    id: "windows",
    outputs: [],
    build: (state) => ({
      event: () => {
        state.set("open", "yes");
        state.wake(1000);
        return "counted";
      },
      tick: ({ emit }) => {
        if (state.get("open") === undefined) return;
        state.delete("open");
        emit({ id: "window", data: { text: "x".repeat(size) } });
      },
    }),
  });

it("a window that an event opens again in a new epoch, right after a full tick, is emitted again", () => {
  const run = windows(2 * 1024 * 1024);
  for (let epoch = 0; epoch < 2; epoch++) {
    run.batch([testEvent({ n: epoch }, { at: 10, id: `event ${epoch}` })]);
    run.oneTick({ tick: 1000, final: true });
  }
  expect(run.result.sent.map(({ event }) => event.meta.id)).toEqual(["windows/0/window", "windows/1/window"]);
});

it("a window that an event opens again right after a full tick is emitted again, too", () => {
  const run = windows(2 * 1024 * 1024);
  for (const at of [1000, 1001]) {
    run.batch([testEvent({}, { at, id: "it comes again" })]);
    run.oneTick({ tick: at });
  }
  expect(run.result.sent).toHaveLength(2);
});

it("an event that is made in a tick may be large: those that it is made of were", () => {
  const run = windows(20 * 1024 * 1024);
  run.batch([testEvent({}, { at: 10 })]);
  run.oneTick({ tick: 1000 });
  expect(run.result.sent).toHaveLength(1);
});
