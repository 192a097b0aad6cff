import { exportLines, type ToExport, type Written } from "../histories/export.ts";
import { chosen, historiesIn, type StoredHistory } from "../histories/histories.ts";
import { type Keeping, keepingIn } from "../histories/sealed/maker.ts";
import { hasSealed, sealedSpaces } from "../histories/sealed/spaces.ts";
import { storedComponent } from "../histories/sealed/stored-component.ts";
import type { StateRows } from "../storage/state-rows.ts";
import { counted, printable } from "../text.ts";
import { writeLines } from "./history-file.ts";
import { type LoadedFile, loadPipelineFile } from "./load-file.ts";
import { defaultDataDir } from "./program-options.ts";
import { reportProblems } from "./report-problems.ts";
import { reading } from "./stored-rows.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface ExportOptions {
  readonly dataDir?: string;
  /** The file of the pipeline whose components have the state. */
  readonly pipeline?: string;
  readonly to?: string;
  /** Only histories of new terms. */
  readonly histories?: boolean;
}

/** Writes what components remember, or histories, to a file or the terminal. weir may be running. */
export const exportState = async (
  names: readonly string[],
  { pipeline, to, histories: onlyHistories = false, ...options }: ExportOptions,
  terminal: Terminal,
): Promise<number> => {
  const loaded = pipeline === undefined ? undefined : await loadPipelineFile(pipeline);
  if (loaded) reportProblems(loaded, terminal);
  if (loaded && !loaded.ok) return exit.config;
  const keeping = loaded && !onlyHistories ? keepingIn(loaded.value) : undefined;
  return reading(dataDirOf(options, loaded), terminal, async (rows) => {
    const found = keeping ? wholeOf(names, rows, keeping) : historiesOf(names, rows, onlyHistories);
    if (keeping) tellOthers(names, rows, keeping, terminal);
    const written: Written = { entries: 0, keys: 0 };
    const lines = exportLines(rows, { ...found, now: new Date().toISOString() }, written);
    if (to === undefined) {
      for (const line of lines) terminal.out(`${line}\n`);
      return exit.success;
    }
    await writeLines(to, lines);
    terminal.out(`${printable(to)}: ${writtenText(written, found)}\n`);
    return exit.success;
  });
};

/** The data dir that is given, or that of the pipeline. */
export const dataDirOf = ({ dataDir }: { readonly dataDir?: string }, loaded: LoadedFile | undefined): string =>
  dataDir ?? (loaded?.ok ? loaded.value.dataDir : undefined) ?? defaultDataDir;

type Found = Pick<ToExport, "histories" | "components">;

/** Components with all that they remember; without names, all of the pipeline that remember something. */
const wholeOf = (names: readonly string[], rows: StateRows, keeping: ReadonlyMap<string, Keeping>): Found => {
  const unknown = names.find((name) => !keeping.has(name));
  if (unknown !== undefined)
    throw new Error(
      `The pipeline has no transform "${printable(unknown)}" that remembers something. Those that do: ${[...keeping.keys()].join(", ") || "none"}. For the history of a rule, add --histories.`,
    );
  const all = historiesIn(rows);
  const components = [...keeping]
    .filter(([id]) => (names.length > 0 ? names.includes(id) : isStored(id, rows, all)))
    .map(([id, { maker }]) => storedComponent(id, maker, rows));
  if (components.length === 0) throw new Error("Nothing is remembered for any transform of the pipeline.");
  const ids = new Set(components.map(({ id }) => id));
  return { components, histories: all.filter(({ component }) => ids.has(component)) };
};

const isStored = (id: string, rows: StateRows, histories: readonly StoredHistory[]): boolean =>
  rows.keeper(id) !== undefined ||
  histories.some(({ component }) => component === id) ||
  sealedSpaces(rows, id, histories).length > 0;

/** Says what is remembered for components that the pipeline does not have. */
const tellOthers = (
  names: readonly string[],
  rows: StateRows,
  keeping: ReadonlyMap<string, Keeping>,
  terminal: Terminal,
): void => {
  const stored = new Set(rows.spaces().map((space) => space.split("/", 1)[0]!));
  const others = [...stored].filter((id) => !id.includes(":") && !keeping.has(id));
  if (names.length === 0 && others.length > 0)
    terminal.error(`Not exported, because the pipeline does not have it: ${others.map(printable).join(", ")}.\n`);
};

/** The histories of components and rules; without names, all. */
const historiesOf = (names: readonly string[], rows: StateRows, isMeant: boolean): Found => {
  const all = historiesIn(rows);
  const histories = names.length === 0 ? all : [...new Set(names.flatMap((name) => named(name, all, rows)))];
  if (!isMeant)
    for (const id of names.length > 0 ? names : new Set(rows.spaces().map((space) => space.split("/", 1)[0]!)))
      if (rows.keeper(id) || sealedSpaces(rows, id, all).some((space) => hasSealed(rows, space)))
        throw new Error(
          `"${printable(id)}" remembers more than histories of new terms. Name its pipeline with --pipeline to export all of it, or add --histories to export only them.`,
        );
  if (histories.length === 0) throw new Error("Nothing in this data dir has a history of new terms.");
  return { histories };
};

const named = (name: string, all: readonly StoredHistory[], rows: StateRows): readonly StoredHistory[] => {
  const found = chosen(all, name);
  if (found.length > 0) return found;
  if (sealedSpaces(rows, name, all).length > 0 || rows.keeper(name))
    throw new Error(
      `"${printable(name)}" has no history of new terms, but remembers something else. Name its pipeline with --pipeline to export that.`,
    );
  const known = [...new Set(all.flatMap(({ component, about }) => [component, about.name]))];
  throw new Error(
    `"${printable(name)}" has no history of new terms. ${known.length > 0 ? `Those that have one: ${known.map(printable).join(", ")}.` : "Nothing in this data dir has one."}`,
  );
};

const writtenText = ({ entries, keys }: Written, { histories, components }: Found): string => {
  const names = [...new Set(histories.map(({ about }) => printable(about.name)))].join(", ");
  const ofHistories = histories.length > 0 ? [`${counted(entries, "entry", "entries")} of ${names}`] : [];
  if (!components) return ofHistories.join();
  const ids = components.map(({ id }) => id).join(", ");
  return [`${counted(keys, "key")} of ${ids}`, ...ofHistories].join(", ");
};
