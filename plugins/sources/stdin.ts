import { defineSource } from "weir";

export default defineSource({
  name: "stdin",
  replays: false,
  summary: "Reads the process's standard input to its end.",
  options: {},
  notes: `
Standard input cannot be read again: what was read and not committed when weir is killed is lost. Events are told
apart by when weir began to read and by their place in the input.
`,
  async *read({ id, clock, signal, checkpoints }) {
    // Earlier runs' inputs are over: their checkpoints find nothing again.
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
      // Destroying the input ends a read that waits; only an end that was not asked for is a fault.
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  },
});
