import { loadavg } from "node:os";
import { machine } from "./measure.ts";

export interface Settings {
  /** Size of the files that are read, in 10^6 bytes. */
  readonly megabytes: number;
  /** How often each program runs; medians count. */
  readonly rounds: number;
}

/** A part of docs/benchmarks.md: a question, and how to answer it. */
export interface Section {
  /** How `--only` refers to it. */
  readonly name: string;
  readonly heading: string;
  /** Measures, and returns what is below the heading. */
  readonly measure: (settings: Settings) => string | Promise<string>;
}

export const number = (value: number, digits = 0): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: digits, minimumFractionDigits: digits });

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** The text of a section. Its first line says when and where it was measured. */
export const written = async ({ heading, measure }: Section, settings: Settings): Promise<string> => {
  const busy = loadavg()[0]!.toFixed(1);
  const text = await measure(settings);
  const day = new Date().toISOString().slice(0, 10);
  return `## ${heading}\n\n*${day}, ${machine()}; load average before the run: ${busy}.*\n\n${text.trim()}\n`;
};

/** The sections of a page by their headings, in order. What is before the first one has the name "". */
const sectionsOf = (page: string): Map<string, string> =>
  new Map(page.split(/^(?=## )/m).map((text) => [/^## (.*)$/m.exec(text)?.[1] ?? "", text]));

/** A page that begins with `head`, with other texts of some sections: those that are listed come first, in this order. */
export const pageWith = (
  page: string,
  head: string,
  order: readonly Section[],
  texts: ReadonlyMap<string, string>,
): string => {
  const old = sectionsOf(page);
  const listed = order.map(({ heading }) => heading);
  const others = [...old.keys()].filter((heading) => heading !== "" && !listed.includes(heading));
  const parts = [...listed, ...others].map((heading) => texts.get(heading) ?? old.get(heading));
  return [head, ...parts.filter((part) => part !== undefined)]
    .map((part) => part.trim())
    .join("\n\n")
    .concat("\n");
};

/** The figures of a page that compare two programs of one run, by section and row: those in columns `relative to …`. */
export const ratiosOf = (page: string): Map<string, number> => {
  const ratios = new Map<string, number>();
  for (const [heading, text] of sectionsOf(page)) {
    let column = -1;
    for (const line of text.split("\n")) {
      const cells = line.split("|").map((cell) => cell.trim());
      if (cells.length < 3) column = -1;
      else if (column < 0) column = cells.findIndex((cell) => cell.startsWith("relative to"));
      else if (column > 0 && Number.isFinite(Number(cells[column])))
        ratios.set(`${heading}: ${cells[1]}`, Number(cells[column]));
    }
  }
  return ratios;
};
