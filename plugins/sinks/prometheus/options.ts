import { type Config, type Option, option } from "weir";
import { type Template, templateOption } from "weir/fields";
import { seriesNames } from "weir/sink";
import { OptionError, queryOptions } from "weir/transform";

/** See https://prometheus.io/docs/concepts/data_model/ */
const nameOption: Option<string> = {
  ...option.text("Name of the metric. By convention, the name of a counter ends in `_total`.", {
    examples: ["audit_events_total"],
  }),
  title:
    "the name of a metric: letters, digits, _ and :, not beginning with a digit, with __, or with weir_, process_ or nodejs_, which weir's own metrics use",
  pattern: "^(?!__|weir_|process_|nodejs_)[a-zA-Z_:][a-zA-Z0-9_:]*$",
};

/** A label of the series for all combinations beyond `max_series`, as OpenTelemetry names it. */
export const overflowLabel = "otel_metric_overflow";

const labelNames = {
  title: `the name of a label: letters, digits and _, not beginning with a digit or with __, and not ${overflowLabel}`,
  pattern: `^(?!__|${overflowLabel}$)[a-zA-Z_][a-zA-Z0-9_]*$`,
};

/** The default buckets of Prometheus client libraries, for seconds. */
const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const metricOption = option.group({
  name: nameOption,
  type: option.oneOf(
    "counter",
    "gauge",
    "histogram",
  )("`counter`: the total of all values. `gauge`: the latest value. `histogram`: counts values in buckets."),
  help: option.text("Description of the metric, for `# HELP`.", { default: "" }),
  where: option.optional(option.kql("Which events count, in KQL. Default: all.")),
  labels: option.map(templateOption, labelNames)(
    "Labels of the series, by name. Use only fields with few distinct values. `{{ field }}` inserts a field of the event.",
    { default: {}, examples: [{ verb: "{{ event.action:-none }}" }] },
  ),
  value: option.optional(
    option.field(
      "Field with the number to add (counter), set (gauge) or observe (histogram). A counter without it counts events.",
    ),
  ),
  buckets: option.optional(
    option.list(option.number, { minItems: 1, maxItems: 100 })(
      `For a histogram: the upper bounds of the buckets, in ascending order. Default: ${defaultBuckets.join(", ")}.`,
    ),
  ),
  max_series: option.integer(
    "The most combinations of labels. Events with further combinations count together in one extra series.",
    { default: 1000, minimum: 1, maximum: 100_000 },
  ),
  max_idle: option.optional(
    option.window("Removes a series that has had no event for this long. Without it, a series stays forever."),
  ),
});

export const prometheusOptions = {
  metrics: option.list(metricOption, { minItems: 1 })("The metrics.", {
    examples: [[{ name: "events_total", type: "counter", labels: { action: "{{ event.action:-none }}" } }]],
  }),
  ...queryOptions,
};

export type PrometheusConfig = Config<typeof prometheusOptions>;
export type MetricConfig = PrometheusConfig["metrics"][number];

export const boundsOf = ({ buckets = defaultBuckets }: Pick<MetricConfig, "buckets">): readonly number[] => buckets;

/** The labels of a metric, always in the same order: a record has the values alone, and the order in the file may change. */
export const labelsOf = ({ labels }: Pick<MetricConfig, "labels">): readonly (readonly [string, Template])[] =>
  Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));

/** Throws an `OptionError` for metrics that do not fit together, or not with those of sinks before this one. */
export const checkMetrics = ({ metrics }: PrometheusConfig, before: readonly PrometheusConfig[]): void => {
  const taken = new Set(before.flatMap((other) => other.metrics.flatMap(seriesNames)));
  for (const [index, metric] of metrics.entries()) {
    const path = ["metrics", index] as const;
    checkMetric(metric, path);
    const double = seriesNames(metric).find((name) => taken.has(name));
    if (double !== undefined)
      throw new OptionError(`there is already a metric with series named "${double}"`, [...path, "name"], {
        hint: "Give this metric another name. A histogram also uses its name with _bucket, _sum and _count.",
      });
    for (const name of seriesNames(metric)) taken.add(name);
  }
};

const checkMetric = (metric: MetricConfig, path: readonly ["metrics", number]): void => {
  const { type, value, buckets, labels } = metric;
  if (type !== "counter" && value === undefined)
    throw new OptionError(`a ${type} needs "value"`, [...path, "type"], { hint: "Name the field with the number." });
  if (buckets && type !== "histogram")
    throw new OptionError(`"buckets" has no effect on a ${type}`, [...path, "buckets"], {
      hint: 'Remove it, or set "type: histogram".',
    });
  if (type === "histogram" && "le" in labels)
    throw new OptionError('a histogram already has the label "le"', [...path, "labels", "le"], {
      hint: "Choose another name.",
    });
  const bounds = boundsOf(metric);
  const wrong = bounds.findIndex((bound, index) => index > 0 && bound <= bounds[index - 1]!);
  if (wrong > 0)
    throw new OptionError(
      `the bounds of buckets must be in ascending order, but ${bounds[wrong]} comes after ${bounds[wrong - 1]}`,
      [...path, "buckets", wrong],
    );
};
