import { expect, it } from "vitest";
import { testEvent } from "../../../testing/event.ts";
import { KeepRun } from "../../../testing/keep-run.ts";

it("a window that an event opens again in a new epoch, right after a full tick, is emitted again", () => {
  const run = new KeepRun({
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
        emit({ id: "window", data: { text: "x".repeat(2 * 1024 * 1024) } });
      },
    }),
  });
  for (let epoch = 0; epoch < 2; epoch++) {
    run.batch([testEvent({ n: epoch }, { at: 10, id: `event ${epoch}` })]);
    run.oneTick({ tick: 1000, final: true });
  }
  expect(run.result.sent.map(({ event }) => event.meta.id)).toEqual(["windows/0/window", "windows/1/window"]);
});
