/** A series: the values of its labels by name. A label with an empty value counts as absent. */
type Labels = Readonly<Record<string, string>>;

interface Described {
  /** A valid Prometheus name. Names that begin with `weir_`, `process_` or `nodejs_` are reserved for weir. */
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
      /** `counts`: the number of observations in each bucket alone, not cumulative. The last bucket ends at infinity. */
      readonly samples: readonly {
        readonly labels: Labels;
        readonly counts: readonly number[];
        readonly sum: number;
      }[];
    });

/** Prefixes of the names of weir's own series. */
export const ownMetricName = /^(?:weir|process|nodejs)_/;

/** The names of the series of a metric. */
export const seriesNames = ({ name, type }: Pick<MetricFamily, "name" | "type">): readonly string[] =>
  type === "histogram" ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`] : [name];
