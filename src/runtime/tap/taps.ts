import type { Clock } from "../../clock.ts";
import { compileGlob } from "../../glob.ts";
import { compileKql, KqlError, type KqlPredicate } from "../../kql/index.ts";
import type { Topology } from "../../topology/topology.ts";
import { Tap } from "./tap.ts";
import { TapPoint } from "./tap-point.ts";

/** What to watch. */
export interface TapRequest {
  /** The ids of components, or their outputs as in `route.errors`; `*` stands for any text. */
  readonly glob: string;
  /** Watches the events that enter components, instead of those that leave them. */
  readonly inputs?: boolean | undefined;
  /** A KQL query: only events that match are shown. */
  readonly where?: string | undefined;
  /** The most events to show in a second; 1,000 by default. */
  readonly rate?: number | undefined;
}

type Side = "inputs" | "outputs";

const defaultRate = 1000;
const mostTaps = 16;
/** What a person types to find some events; a filter is tested against everything that passes. */
const limits = { characters: 8192, conditions: 64, fieldPatterns: 4 };

/** The taps of a run, and the points that they watch. Both outlive the groups of the run. */
export class Taps {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #points = { inputs: new Map<string, TapPoint>(), outputs: new Map<string, TapPoint>() };
  /** With the points that each watches. */
  #isOver = false;
  readonly #taps = new Map<Tap, { readonly side: Side; readonly matches: (name: string) => boolean }>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The point in front of a component. */
  input(component: string): TapPoint {
    return this.#point("inputs", new TapPoint(component, undefined));
  }

  /** The point behind an output of a component; `undefined` is the default one. */
  output(component: string, output: string | undefined): TapPoint {
    return this.#point("outputs", new TapPoint(component, output));
  }

  #point(side: Side, fresh: TapPoint): TapPoint {
    const points = this.#points[side];
    const known = points.get(fresh.name);
    if (known) return known;
    points.set(fresh.name, fresh);
    this.#connect(side, fresh);
    return fresh;
  }

  /**
   * Watches all points that match, also those of components that come later. Throws an error for people if nothing matches
   * now, the query is wrong, or there are too many taps.
   */
  attach({ glob, inputs = false, where, rate = defaultRate }: TapRequest, topology: Topology): Tap {
    if (this.#isOver) throw new Error("the run has ended: nothing passes any more.");
    if (this.#taps.size >= mostTaps)
      throw new Error(`${mostTaps} taps watch this weir already, which is the most. End one of them.`);
    if (!Number.isFinite(rate) || rate < 1) throw new Error(`the rate is ${rate}; give a number of events from 1 on.`);
    const matches = compileGlob(glob.split("*"));
    const side = inputs ? "inputs" : "outputs";
    if (!namesOf(topology)[side].some(matches)) throw new Error(nothingMatches(glob, side, topology));
    const tap = new Tap({
      clock: this.#clock,
      random: this.#random,
      where: where === undefined ? undefined : predicateOf(where),
      rate,
      closed: (over) => {
        this.#taps.delete(over);
        this.#changed();
      },
    });
    this.#taps.set(tap, { side, matches });
    this.#changed();
    return tap;
  }

  /** Closes all taps: the run has ended. */
  end(): void {
    this.#isOver = true;
    for (const tap of [...this.#taps.keys()]) tap.close();
  }

  #changed(): void {
    for (const tap of this.#taps.keys()) tap.share(this.#taps.size);
    for (const side of ["inputs", "outputs"] as const)
      for (const point of this.#points[side].values()) this.#connect(side, point);
  }

  #connect(side: Side, point: TapPoint): void {
    const watching = [...this.#taps].filter(([, on]) => on.side === side && on.matches(point.name)).map(([tap]) => tap);
    point.watch =
      watching.length === 0
        ? undefined
        : (events) => {
            for (const tap of watching) tap.see(point, events);
          };
  }
}

/** The points that match a glob, by name. */
export const pointsOf = ({ glob, inputs = false }: TapRequest, topology: Topology): readonly string[] =>
  namesOf(topology)[inputs ? "inputs" : "outputs"].filter(compileGlob(glob.split("*")));

const namesOf = ({ components }: Topology): Readonly<Record<Side, readonly string[]>> => ({
  inputs: components.filter(({ kind }) => kind !== "source").map(({ id }) => id),
  outputs: components.flatMap((component) => {
    if (component.kind === "sink") return [];
    const named = component.kind === "transform" ? component.host.outputs : [];
    return [component.id, ...named.map((output) => `${component.id}.${output}`)];
  }),
});

const nothingMatches = (glob: string, side: Side, topology: Topology): string => {
  const names = namesOf(topology);
  const other = side === "inputs" ? "outputs" : "inputs";
  const found = side === "inputs" ? "No transform or sink" : "No output of a source or transform";
  const hint = names[other].some(compileGlob(glob.split("*")))
    ? side === "inputs"
      ? `Nothing enters "${glob}": leave out --inputs to see what leaves it.`
      : `Nothing leaves the sink "${glob}": use --inputs to see what enters it.`
    : `There are ${names[side].map((name) => `"${name}"`).join(", ")}.`;
  return `${found} matches "${glob}". ${hint}`;
};

const predicateOf = (where: string): KqlPredicate => {
  try {
    return compileKql(where, { limits });
  } catch (error) {
    if (!(error instanceof KqlError)) throw error;
    const place = error.offset === undefined ? "" : `\n  ${where}\n  ${" ".repeat(error.offset)}^`;
    throw new Error(`The query is wrong: ${error.summary} ${error.hint}${where.includes("\n") ? "" : place}`);
  }
};
