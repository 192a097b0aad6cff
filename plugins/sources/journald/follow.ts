import type { Reading, SourceContext } from "weir";
import { Command, ErrorLines, exitWords } from "weir/command";
import { backoff } from "weir/http";
import { type JournalConfig, journalctl } from "./journalctl.ts";
import { Lines, lineFeed } from "./lines.ts";

const stream = "journal";

/** Where to go on: after this entry. */
interface Place {
  position: number;
  cursor: string | undefined;
}

/** Follows the journal, and goes on after the last committed entry. */
export async function* followJournal(context: SourceContext<JournalConfig>): AsyncGenerator<Reading> {
  const { config, clock, signal, checkpoints, log, refused } = context;
  const { position = 0, detail } = checkpoints.get(stream) ?? {};
  const place: Place = { position, cursor: typeof detail === "string" ? detail : undefined };
  const errors = new ErrorLines(log, clock);
  for (let failures = 0; !signal.aborted; ) {
    const before = place.position;
    const command = new Command(journalctl(config, place.cursor), {
      input: false,
      output: true,
      errors: errors.run(),
    });
    yield* readEntries(command, place, signal);
    const exit = await command.ended;
    if (signal.aborted || (!config.follow && exit.code === 0)) return;
    refused?.("failed_run");
    failures = place.position > before ? 1 : failures + 1;
    const wait = backoff(failures, config.backoff);
    const words = `${exitWords(exit, { command: [config.journalctl], environment: {} })}; trying again in ${wait} ms`;
    if (failures === 1) log.warn(exit.error?.code === "ENOENT" ? `${words}. journalctl is part of systemd.` : words);
    else log.debug(words);
    await clock.sleep(wait, signal);
  }
}

async function* readEntries(command: Command, place: Place, signal: AbortSignal): AsyncGenerator<Reading> {
  const lines = new Lines();
  /** Whether the start of an entry was read, and not its end. */
  let isWithin = false;
  let isRead = false;
  const stop = () => {
    command.stop();
    command.output.destroy();
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  try {
    for await (const block of command.output as AsyncIterable<Buffer>)
      for (const { bytes, cursor } of lines.push(block)) {
        // With `settled`, it is one batch: the cursor is committed with these entries and no others.
        const after = cursor !== undefined && { detail: cursor, settled: () => undefined };
        yield { stream, position: place.position, bytes, ...after };
        place.position += bytes.length;
        place.cursor = cursor ?? place.cursor;
        isWithin = cursor === undefined;
      }
    isRead = true;
    if (!isWithin || signal.aborted) return;
    // The next run begins with this entry again.
    yield { stream, position: place.position, bytes: Buffer.of(lineFeed) };
    place.position++;
  } catch (error) {
    // Destroying the output makes a waiting read fail, which is expected.
    if (!signal.aborted && command.isRunning) throw error;
  } finally {
    command.output.destroy();
    // It closes its output a moment before it ends: stopping it in between would look like a failure.
    if (!isRead || signal.aborted) command.stop();
    await command.ended;
    signal.removeEventListener("abort", stop);
  }
}
