import { defineSource, option } from "weir";

export default defineSource({
  name: "heartbeat",
  summary: "Says at intervals that this machine is still there.",
  options: {
    every: option.duration("How long to wait between two beats.", { default: "10s" }),
    count: option.optional(option.integer("How many beats in all; without it they never end.", { minimum: 0 })),
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
