import { delay, map } from "rxjs";
import { defineSource, defineTransform, option, withData } from "weir";

/** Plugins for the pipelines of these tests. */

export const held = defineTransform({
  name: "held",
  summary: "Holds every batch for a time.",
  options: { time: option.duration("How long.") },
  create: ({ config, scheduler }) => delay(config.time, scheduler),
});

export const asked = defineTransform({
  name: "asked",
  summary: "Asks something outside of the process about every event.",
  options: {},
  async: true,
  each: () => async (event) => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    return withData(event, { ...event.data, answer: true });
  },
});

export const numbered = defineTransform({
  name: "numbered",
  summary: "Numbers events from memory, and loses one that has a fault.",
  options: {},
  create: () => {
    let count = 0;
    return map((batch) => {
      const kept = batch.events.filter(({ data }) => data["fault"] !== true);
      return batch.with(kept.map((event) => withData(event, { ...event.data, count: ++count })));
    });
  },
});

export const once = defineSource({
  name: "once",
  summary: "Cannot be read again.",
  options: {},
  replays: false,
  decoding: { codec: "json" },
  async *read() {},
});
