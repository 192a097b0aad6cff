/** A series: the values of its labels by name. A label with an empty value counts as absent. */
type Labels = Readonly<Record<string, string>>;

interface Described {
  /** By the rules of Prometheus. Names that begin with `weir_`, `process_` or `nodejs_` are those of weir itself. */
  readonly name: string;
  readonly help: string;
}

/** A metric with all of its series: https://prometheus.io/docs/concepts/metric_types/ */
export type MetricFamily =
  | (Described & {
      readonly type: "counter" | "gauge";
      readonly samples: readonly { readonly labels: Labels; readonly value: number }[];
    })
  | (Described & {
      readonly type: "histogram";
      /** The upper bounds of the buckets, in ascending order, without infinity. */
      readonly bounds: readonly number[];
      /** `counts`: how many observations each bucket holds by itself, not counting smaller ones; the last is that of infinity. */
      readonly samples: readonly {
        readonly labels: Labels;
        readonly counts: readonly number[];
        readonly sum: number;
      }[];
    });

/** What every name of a series of weir itself begins with. */
export const ownMetricName = /^(?:weir|process|nodejs)_/;

/** The names that the series of a metric have. */
export const seriesNames = ({ name, type }: Pick<MetricFamily, "name" | "type">): readonly string[] =>
  type === "histogram" ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
