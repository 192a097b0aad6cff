import { compileGlob } from "../../glob.ts";
import type { Lack } from "../needed.ts";
import type { IndicatorSource } from "./indicator.ts";

/**
 * The sources that stand for the indices of a rule: names and patterns as in `threat_index`, where `*` stands for any text
 * and a leading `-` leaves indices out. The last one that fits a name counts.
 */
export const sourcesFor = <S extends Pick<IndicatorSource, "index">>(
  indices: readonly string[],
  sources: readonly S[],
): readonly S[] => {
  const patterns = indices.map((text) => {
    const isOut = text.startsWith("-");
    return { isOut, fits: compileGlob(text.slice(isOut ? 1 : 0).split("*")) };
  });
  return sources.filter(({ index }) => {
    if (index === undefined) return true;
    const last = patterns.findLast(({ fits }) => fits(index));
    return last !== undefined && !last.isOut;
  });
};

/** What a rule with these indices needs, in a few words. */
export const neededFor = (index: readonly string[]): string =>
  index.includes("*") ? "indicators" : `indicators of ${index.join(", ")}`;

/** Why a rule of type `threat_match` cannot run with these sources, and the way out; `undefined` if it can. */
export const lackOf = (
  { index }: { readonly index: readonly string[] },
  sources: readonly Pick<IndicatorSource, "index">[],
): Lack | undefined => {
  if (sourcesFor(index, sources).length > 0) return undefined;
  if (sources.length === 0)
    return { message: `it needs ${neededFor(index)}, and the pipeline gives none`, hint: wayOut };
  const given = sources.map((source) => `"${source.index}"`).join(", ");
  return {
    message: `it needs ${neededFor(index)}, and the pipeline gives those of ${given}`,
    hint: 'Give an entry of "indicators" such an "index", or leave its "index" out: then it is for every rule.',
  };
};

const wayOut = 'Say where indicators are, beside "rules": indicators: [{ file: indicators.ndjson }].';
