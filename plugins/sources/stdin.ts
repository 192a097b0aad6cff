import { defineSource } from "weir";

export default defineSource({
  name: "stdin",
  replays: false,
  summary: "Reads the process's standard input to its end.",
  options: {},
  notes: `
Standard input cannot be read twice. If weir is killed, data that was read but not committed is lost. Event ids are made
from the time at which weir started to read and the position in the input.
`,
  async *read({ id, clock, signal, checkpoints }) {
    // The inputs of earlier runs cannot be continued, so their checkpoints are dropped.
    for (const [stream, { position }] of checkpoints)
      yield { stream, position, bytes: new Uint8Array(0), forget: true };
    const stream = `${id}-${clock.now()}-${process.pid}`;
    let position = 0;
    const stop = () => process.stdin.destroy();
    signal.addEventListener("abort", stop);
    try {
      if (signal.aborted) return;
      for await (const bytes of process.stdin as AsyncIterable<Buffer>) {
        yield { stream, position, bytes };
        position += bytes.length;
      }
      yield { stream, position, bytes: new Uint8Array(0), end: true };
    } catch (error) {
      // Destroying the input makes a waiting read fail, which is expected after a stop.
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  },
});
