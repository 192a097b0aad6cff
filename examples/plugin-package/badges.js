import { defineSource, option } from "weir";

export const badges = defineSource({
  name: "badges",
  summary: "Sends what the badge reader at a door reads, and continues after a restart where it stopped.",
  options: {
    count: option.integer("How many readings to send.", { default: 100, minimum: 0 }),
    every: option.duration("The time between two readings.", { default: "10ms" }),
  },
  async *read({ config, clock, signal, checkpoints }) {
    let { position, detail } = checkpoints.get("door") ?? { position: 0, detail: 0 };
    for (let n = Number(detail); n < config.count && !signal.aborted; n++) {
      const bytes = Buffer.from(`n=${n} badge=${(n * n) % 17}\n`);
      yield { stream: "door", position, bytes, detail: n + 1 };
      position += bytes.length;
      await clock.sleep(config.every, signal);
    }
  },
});
