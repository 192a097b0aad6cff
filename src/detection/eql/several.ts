import { EqlError } from "../../eql/index.ts";
import type { Data } from "../../json.ts";
import type { Note } from "../../transform/transform.ts";
import type { Rule } from "../rule.ts";
import type { DetectorTools } from "../rule-type.ts";

/** What the detectors of sequences and samples need. */
export interface SeveralTools {
  readonly rule: Pick<Rule, "id">;
  /** How long events that belong together may be apart if the query does not say it, in milliseconds. */
  readonly window: number;
  /** How late an event can be and still be put in its place, in milliseconds. */
  readonly lateness: number;
  readonly tiebreaker: string | undefined;
  /** What is stored for another version means nothing to this one. */
  readonly version: string;
  readonly tools: DetectorTools;
}

const mostOfOne = 65_536;
const leastOfOne = 1_024;

/** The most bytes of the documents of one event's alerts: a quarter of what a tick may emit. */
const mostOfAll = 4_194_304;

/** The most bytes of each document, if that many can be in the alerts of one event. */
export const roomFor = (documents: number): number =>
  Math.max(leastOfOne, Math.min(mostOfOne, Math.floor(mostOfAll / documents)));

/** The same function, but an event with too many keys has none, and is noted as `overflow`. */
export const withinLimits =
  <Hit>(hits: (data: Data) => readonly Hit[]) =>
  (data: Data, note: Note): readonly Hit[] => {
    try {
      return hits(data);
    } catch (error) {
      if (!(error instanceof EqlError)) throw error;
      note("overflow");
      return [];
    }
  };
