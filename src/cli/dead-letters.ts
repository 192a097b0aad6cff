import { setImmediate } from "node:timers/promises";
import type { Purged, Replayed } from "../runtime/dead-letters/desk.ts";
import type { DeadLetter } from "../runtime/dead-letters/letter-files.ts";
import type { Selector } from "../runtime/dead-letters/selector.ts";
import { bytesText, counted, printable } from "../text.ts";
import { askControl } from "./ask-control.ts";
import { letterText, letterTitle, letterValue, rowOf } from "./letter-text.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface LetterOptions {
  readonly dataDir: string;
  readonly json?: boolean;
  readonly component?: string;
  readonly reason?: string;
  readonly all?: boolean;
}

/** Prints the selected dead letters, oldest first, and how many of each kind there are. */
export const listLetters = (options: LetterOptions, terminal: Terminal): Promise<number> =>
  askControl(options.dataDir, terminal, async (control) => {
    const kinds = new Map<string, number>();
    let count = 0;
    for await (const letter of control.letters(selectorOf([], options))) {
      if (options.json) terminal.out(`${JSON.stringify(letterValue(letter))}\n`);
      else terminal.out(`${kinds.size === 0 ? letterTitle : ""}${rowOf(letter, terminal)}`);
      const kind = printable(`"${letter.head.component}" (${letter.head.reason})`);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      // In a turn of its own, Node notices that the reader has exited.
      if (++count % 100 === 0) await setImmediate();
    }
    if (!options.json) terminal.error(summaryOf(kinds));
    return exit.success;
  });

const summaryOf = (kinds: ReadonlyMap<string, number>): string => {
  if (kinds.size === 0) return "There are no dead letters.\n";
  const total = [...kinds.values()].reduce((sum, count) => sum + count, 0);
  return `${counted(total, "dead letter")}: ${[...kinds].map(([kind, count]) => `${count} of ${kind}`).join(", ")}\n`;
};

/** Prints whole letters, by their id or the id of their event. */
export const showLetter = (id: string, options: LetterOptions, terminal: Terminal): Promise<number> =>
  askControl(options.dataDir, terminal, async (control) => {
    const found: DeadLetter[] = [];
    for await (const letter of control.letters({ ids: [id] })) found.push(letter);
    if (options.json) for (const letter of found) terminal.out(`${JSON.stringify(letterValue(letter), null, 2)}\n`);
    else terminal.out(found.map(letterText).join("\n"));
    if (found.length === 0) terminal.error(unknown([id]));
    return found.length > 0 ? exit.success : exit.failed;
  });

/** Removes the selected letters permanently. */
export const purgeLetters = (ids: readonly string[], options: LetterOptions, terminal: Terminal): Promise<number> =>
  change(ids, options, terminal, async (control, selector) => {
    const result: Purged = await control.purge(selector);
    const text = `${counted(result.purged, "dead letter")} purged, ${bytesText(result.bytes)}`;
    return { result, text, isDone: result.unknown.length === 0 };
  });

/** Sends the selected letters back to the components that rejected them. */
export const replayLetters = (ids: readonly string[], options: LetterOptions, terminal: Terminal): Promise<number> =>
  change(ids, options, terminal, async (control, selector) => {
    const result: Replayed = await control.replay(selector);
    const text = [
      ...(result.replayed > 0 || result.marked === 0 ? [`${counted(result.replayed, "dead letter")} replayed`] : []),
      ...(result.marked > 0
        ? [`weir is not running here: ${counted(result.marked, "dead letter")} marked for its next start`]
        : []),
      ...result.refused.map(({ why, count, id }) => printable(`${count} not replayed (the first is ${id}): ${why}`)),
    ].join("\n");
    return { result, text, isDone: result.unknown.length === 0 && result.refused.length === 0 };
  });

interface Change {
  readonly result: Purged | Replayed;
  readonly text: string;
  readonly isDone: boolean;
}

const change = (
  ids: readonly string[],
  options: LetterOptions,
  terminal: Terminal,
  carryOut: (control: Parameters<Parameters<typeof askControl>[2]>[0], selector: Selector) => Promise<Change>,
): Promise<number> => {
  const { component, reason, all = false } = options;
  if (ids.length === 0 && component === undefined && reason === undefined && !all) {
    terminal.error("Select dead letters: give ids from `weir dead-letters list`, --component, --reason or --all.\n");
    return Promise.resolve(exit.usage);
  }
  return askControl(options.dataDir, terminal, async (control) => {
    const { result, text, isDone } = await carryOut(control, selectorOf(ids, options));
    terminal.out(options.json ? `${JSON.stringify(result)}\n` : `${text}\n`);
    if (result.unknown.length > 0) terminal.error(unknown(result.unknown));
    return isDone ? exit.success : exit.failed;
  });
};

const selectorOf = (ids: readonly string[], { component, reason }: LetterOptions): Selector => ({
  ...(ids.length > 0 ? { ids } : {}),
  ...(component === undefined ? {} : { component }),
  ...(reason === undefined ? {} : { reason }),
});

const unknown = (ids: readonly string[]): string =>
  `There is no dead letter ${ids.map((id) => `"${printable(id)}"`).join(", ")}. \`weir dead-letters list\` lists them.\n`;
