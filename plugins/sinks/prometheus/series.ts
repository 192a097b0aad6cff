import type { Json } from "weir";
import { isObject } from "weir/fields";
import type { MetricFamily } from "weir/sink";
import type { Observation } from "./observation.ts";
import { boundsOf, labelsOf, type MetricConfig, overflowLabel } from "./options.ts";

/** One series. */
interface Series {
  /** The values of the labels, or `null` for the series that counts all combinations beyond the limit. */
  readonly labels: readonly string[] | null;
  /** For a counter or a gauge, the value. For a histogram, the sum and the count of each bucket. */
  readonly numbers: number[];
  /** When the last event was received, in milliseconds since 1970. */
  at: number;
}

/** A metric in the record of the sink. Its series continue only if `shape` is the same. */
interface RecordedMetric {
  readonly shape: string;
  readonly series: readonly (readonly [labels: readonly string[] | null, numbers: readonly number[], at: number])[];
}

const overflowKey = "overflow";

/** A metric and its series. */
export class Metric {
  readonly #config: MetricConfig;
  readonly #names: readonly string[];
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, Series>();
  /** When the latest of all counted events was received. */
  #newest = 0;

  /** Continues with its recorded series, if it still has the same type, labels and buckets. */
  constructor(config: MetricConfig, recorded?: Json) {
    this.#config = config;
    this.#names = labelsOf(config).map(([name]) => name);
    this.#bounds = config.type === "histogram" ? boundsOf(config) : [];
    const of = isObject(recorded) ? (recorded[config.name] as RecordedMetric | undefined) : undefined;
    for (const [labels, numbers, at] of of?.shape === this.#shape ? of.series : []) {
      this.#series.set(keyOf(labels), { labels, numbers: [...numbers], at });
      this.#newest = Math.max(this.#newest, at);
    }
    // A counter or histogram without labels is there from the beginning, as in Prometheus client libraries.
    if (this.#names.length === 0 && this.#series.size === 0 && config.type !== "gauge") this.#add([]);
  }

  get name(): string {
    return this.#config.name;
  }

  /** Adds an observation. `at`: when its event was received. Returns false if its combination of labels is beyond the limit. */
  observe({ labels, value }: Observation, at: number): boolean {
    this.#newest = Math.max(this.#newest, at);
    let series = this.#series.get(keyOf(labels));
    if (!series && this.#isFull) this.#expire();
    const isWithin = series !== undefined || !this.#isFull;
    series ??= isWithin ? this.#add(labels) : (this.#series.get(overflowKey) ?? this.#add(null));
    series.at = Math.max(series.at, at);
    const { numbers } = series;
    if (this.#config.type === "gauge") numbers[0] = value;
    else numbers[0] = finite(numbers[0]! + value);
    if (this.#config.type === "histogram") {
      const bucket = this.#bounds.findIndex((bound) => value <= bound);
      const place = 1 + (bucket < 0 ? this.#bounds.length : bucket);
      numbers[place] = numbers[place]! + 1;
    }
    return isWithin;
  }

  /** The metric for the record of the sink. Removes series without events for too long. */
  record(): Json {
    this.#expire();
    return {
      shape: this.#shape,
      series: [...this.#series.values()].map(({ labels, numbers, at }) => [labels, [...numbers], at]),
    };
  }

  get family(): MetricFamily {
    const { name, help, type } = this.#config;
    const all = [...this.#series.values()];
    const labelsOf = ({ labels }: Series) =>
      labels === null
        ? { [overflowLabel]: "true" }
        : Object.fromEntries(this.#names.map((label, index) => [label, labels[index]!]));
    if (type !== "histogram")
      return { name, help, type, samples: all.map((one) => ({ labels: labelsOf(one), value: one.numbers[0]! })) };
    const samples = all.map((one) => ({ labels: labelsOf(one), sum: one.numbers[0]!, counts: one.numbers.slice(1) }));
    return { name, help, type, bounds: this.#bounds, samples };
  }

  get #shape(): string {
    return JSON.stringify([this.#config.type, this.#names, this.#bounds]);
  }

  get #isFull(): boolean {
    return this.#series.size - (this.#series.has(overflowKey) ? 1 : 0) >= this.#config.max_series;
  }

  #add(labels: Series["labels"]): Series {
    const size = this.#config.type === "histogram" ? this.#bounds.length + 2 : 1;
    const series = { labels, numbers: Array.from({ length: size }, () => 0), at: this.#newest };
    this.#series.set(keyOf(labels), series);
    return series;
  }

  /** Time is that of the latest event, so the same events give the same series. */
  #expire(): void {
    const { max_idle } = this.#config;
    if (max_idle === undefined) return;
    for (const [key, { at }] of this.#series) if (this.#newest - at >= max_idle) this.#series.delete(key);
  }
}

/** A record is JSON, which has no infinite numbers. */
const finite = (sum: number): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, sum));

const keyOf = (labels: Series["labels"]): string => (labels === null ? overflowKey : JSON.stringify(labels));
