import { didYouMean } from "../problem.ts";
import { shippedNames, shippedText } from "../shipped.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Prints the pipelines that come with weir: those that are ready to run, then examples. */
export const listPipelines = ({ json = false }: { readonly json?: boolean }, terminal: Terminal): number => {
  const all = shippedPipelines();
  if (json) {
    const entries = all.map(({ name, summary }) => ({ name, summary }));
    terminal.out(`${JSON.stringify(entries, undefined, 2)}\n`);
    return exit.success;
  }
  const width = Math.max(...all.map(({ name }) => name.length));
  for (const { name, summary } of all) terminal.out(`${name.padEnd(width)}  ${summary}\n`);
  return exit.success;
};

/** Prints the text of one, to be kept in a file and changed. */
export const showPipeline = (name: string, terminal: Terminal): number => {
  const all = shippedPipelines();
  const found = all.find((pipeline) => pipeline.name === name);
  if (found) {
    terminal.out(found.text);
    return exit.success;
  }
  const names = all.map((pipeline) => pipeline.name);
  terminal.error(
    `There is no pipeline "${name}" in weir. ${didYouMean(name, names) ?? "`weir pipelines list` lists them."}\n`,
  );
  return exit.usage;
};

interface ShippedPipeline {
  readonly name: string;
  /** The first sentence of its comment. */
  readonly summary: string;
  readonly text: string;
}

const shippedPipelines = (): readonly ShippedPipeline[] =>
  ["pipelines", "examples", "examples/recipes"].flatMap((folder) =>
    shippedNames(folder)
      .filter((file) => file.endsWith(".yaml"))
      .sort()
      .map((file) => ({ name: file.slice(0, -".yaml".length), text: shippedText(`${folder}/${file}`) }))
      .filter(({ text }) => /^sources:/m.test(text))
      .map(({ name, text }) => ({ name, summary: firstSentence(text), text })),
  );

const firstSentence = (text: string): string => {
  const [comment = ""] = /^(#.*\n)+/.exec(text) ?? [];
  const whole = comment.replace(/^# ?/gm, "").replace(/\s+/g, " ").trim();
  return /^.*?[.:](?= |$)/.exec(whole)?.[0].replace(/:$/, ".") ?? whole;
};
