import type { Control, StoredStatus } from "../control/control.ts";
import { bytesText, counted, printable, tableText } from "../text.ts";
import { askControl } from "./ask-control.ts";
import { loadPipelineFile } from "./load-file.ts";
import { reportProblems } from "./report-problems.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface StateOptions {
  readonly dataDir: string;
  /** A file whose components count as used. */
  readonly pipeline?: string;
  readonly json?: boolean;
}

export interface ForgetOptions extends StateOptions {
  readonly unused?: boolean;
  readonly yes?: boolean;
}

/** Prints what the data dir has of each component. */
export const listStored = (options: StateOptions, terminal: Terminal): Promise<number> =>
  withStored(options, terminal, async (_control, stored) => {
    if (options.json) terminal.out(`${JSON.stringify(stored)}\n`);
    else terminal.out(stored.length > 0 ? tableOf(stored) : "nothing is kept\n");
    return exit.success;
  });

/** Removes what is kept of some components, or of all that are not used. */
export const forgetStored = (ids: readonly string[], options: ForgetOptions, terminal: Terminal): Promise<number> => {
  if ((ids.length === 0) === !options.unused) {
    terminal.error("Give ids from `weir state list`, or --unused.\n");
    return Promise.resolve(exit.usage);
  }
  return withStored(options, terminal, async (control, stored) => {
    const flaw = options.unused ? flawOfAll(stored) : flawOf(ids, stored);
    if (flaw) {
      terminal.error(`${flaw}\n`);
      return exit.failed;
    }
    const chosen = stored.filter(({ id, used }) => (options.unused ? used === false : ids.includes(id)));
    if (options.unused && !options.yes) {
      terminal.out(chosen.length > 0 ? tableOf(chosen) : "everything that is kept is used\n");
      if (chosen.length > 0) terminal.error("Nothing was removed. Add --yes to remove this.\n");
      return chosen.length > 0 ? exit.usage : exit.success;
    }
    await control.forget(chosen.map(({ id }) => id));
    if (options.json) terminal.out(`${JSON.stringify({ forgotten: chosen })}\n`);
    else terminal.out(`${counted(chosen.length, "component")} forgotten\n${chosen.length > 0 ? tableOf(chosen) : ""}`);
    return exit.success;
  });
};

const withStored = async (
  { dataDir, pipeline }: StateOptions,
  terminal: Terminal,
  use: (control: Control, stored: readonly StoredStatus[]) => Promise<number>,
): Promise<number> => {
  const named = pipeline === undefined ? undefined : await loadPipelineFile(pipeline);
  if (named) reportProblems(named, terminal);
  if (named && !named.ok) return exit.config;
  const ids = named && new Set(named.value.topology.components.map(({ id }) => id));
  return askControl(dataDir, terminal, async (control) => {
    const stored = await control.stored();
    return use(
      control,
      stored.map((one) => ({ ...one, used: ids ? one.used === true || ids.has(one.id) : one.used })),
    );
  });
};

const flawOf = (ids: readonly string[], stored: readonly StoredStatus[]): string | undefined => {
  const unknown = ids.filter((id) => !stored.some((one) => one.id === id));
  if (unknown.length > 0)
    return `Nothing is kept of ${unknown.map((id) => `"${printable(id)}"`).join(", ")}. \`weir state list\` lists what is.`;
  const used = stored.find((one) => one.used && ids.includes(one.id));
  return used && `The pipeline uses "${used.id}": remove it there first, and reload.`;
};

const flawOfAll = (stored: readonly StoredStatus[]): string | undefined =>
  stored.some(({ used }) => used === undefined)
    ? "No weir is running on this data dir. Name the pipeline with --pipeline, so that what it uses is kept."
    : undefined;

const tableOf = (stored: readonly StoredStatus[]): string => {
  const words = { true: "yes", false: "no", undefined: "unknown" } as const;
  const rows = stored.map(({ id, used, streams, state_entries, state_bytes, outbox_bytes }) => [
    printable(id),
    words[`${used}`],
    streams > 0 ? counted(streams, "stream") : "",
    stateText(state_entries, state_bytes),
    outbox_bytes === undefined ? "" : bytesText(outbox_bytes),
  ]);
  return tableText([["component", "used", "checkpoints", "state", "undelivered"], ...rows]);
};

const stateText = (entries: number | undefined, bytes: number): string => {
  if (entries === undefined) return bytesText(bytes);
  return entries > 0 ? `${counted(entries, "entry", "entries")}, ${bytesText(bytes)}` : "";
};
