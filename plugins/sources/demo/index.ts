import { type Checkpoint, defineSource, option } from "weir";
import { auditEvent } from "./generate.ts";

const stream = "demo";
const chunkBytes = 64 * 1024;

export default defineSource({
  name: "demo",
  summary: "Generates Kubernetes audit events of a made-up cluster. The same seed gives the same events.",
  options: {
    rate: option.integer("Events per second. 0 means as fast as the pipeline accepts them.", {
      default: 10,
      minimum: 0,
    }),
    count: option.optional(
      option.integer("How many events to generate. Without it, the source never ends.", { minimum: 0 }),
    ),
    seed: option.integer("Selects one of the made-up clusters.", { default: 1, minimum: 0, maximum: 2 ** 32 - 1 }),
  },
  notes: `
About 1.5 % of the events are reads of secrets, mostly by operators whose user agent ends in \`kubernetes/$Format\`. About
one in 500 events is a read by an unusual client. After a restart the source continues after the last committed event.
The times in the events depend only on their number; the first event is from 2026-03-02.
`,
  decoding: { codec: "json", framing: "newline" },
  async *read({ config: { rate, count = Number.POSITIVE_INFINITY, seed }, checkpoints, clock, signal }) {
    const first = resume(checkpoints.get(stream), seed);
    const started = clock.monotonic();
    let { index, position } = first;
    while (index < count && !signal.aborted) {
      const due =
        rate === 0
          ? count
          : Math.min(count, first.index + Math.floor(((clock.monotonic() - started) * rate) / 1000) + 1);
      if (index >= due) {
        await clock.sleep(Math.ceil(((index - first.index) * 1000) / rate - (clock.monotonic() - started)), signal);
        continue;
      }
      const detail = { index, position };
      const lines: string[] = [];
      for (let size = 0; index < due && size < chunkBytes; index++) {
        const line = `${auditEvent(index, seed)}\n`;
        lines.push(line);
        size += line.length;
      }
      const bytes = Buffer.from(lines.join(""));
      yield { stream, position, bytes, detail };
      position += bytes.length;
    }
  },
});

/** The event at the checkpoint's position. It is in the reading that the detail describes, or after it. */
const resume = (checkpoint: Checkpoint | undefined, seed: number): { index: number; position: number } => {
  let place = { index: 0, position: 0 };
  if (!checkpoint) return place;
  const detail = checkpoint.detail as { readonly index: number; readonly position: number };
  if (detail.position <= checkpoint.position) place = { ...detail };
  while (place.position < checkpoint.position)
    place = { index: place.index + 1, position: place.position + Buffer.byteLength(auditEvent(place.index, seed)) + 1 };
  return place;
};
