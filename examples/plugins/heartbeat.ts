import { defineSource, option } from "weir";

export default defineSource({
  name: "heartbeat",
  summary: "Sends an event at regular intervals, to show that this machine is alive.",
  options: {
    every: option.duration("The interval between two heartbeats.", { default: "10s" }),
    count: option.optional(option.integer("The total number of heartbeats; unlimited by default.", { minimum: 0 })),
  },
  decoding: { codec: "json" },
  async *read({ config, clock, signal, checkpoints }) {
    const stream = "beats";
    const { position: start, detail } = checkpoints.get(stream) ?? { position: 0, detail: 0 };
    let position = start;
    for (let beat = Number(detail); beat < (config.count ?? Number.POSITIVE_INFINITY); beat++) {
      const bytes = Buffer.from(`${JSON.stringify({ event: { action: "heartbeat", sequence: beat } })}\n`);
      yield { stream, position, bytes, detail: beat + 1 };
      position += bytes.length;
      await clock.sleep(config.every, signal);
      if (signal.aborted) return;
    }
  },
});
