import { defineSink, type Json, type Outcome } from "weir";
import { isObject, TemplateError } from "weir/fields";
import { type Observation, Observer } from "./observation.ts";
import { checkMetrics, overflowLabel, prometheusOptions } from "./options.ts";
import { Metric } from "./series.ts";

type Failure = NonNullable<Outcome["failed"]>[number];

export default defineSink({
  name: "prometheus",
  summary: "Makes Prometheus metrics of events: counters, gauges and histograms, exposed at weir's own /metrics.",
  options: prometheusOptions,
  checkOptions: checkMetrics,
  notes: `
\`\`\`yaml
sinks:
  metrics:
    type: prometheus
    inputs: [ecs]
    metrics:
      - name: audit_events_total
        type: counter
        help: Requests to the API server
        labels: { verb: "{{ event.action:-none }}" }
      - name: audit_duration_seconds
        type: histogram
        where: "request_seconds: *"
        value: request_seconds
        buckets: [0.01, 0.1, 1, 10]
\`\`\`

The metrics are at \`/metrics\`, beside [those of weir](../../operations.md), when weir runs with \`--listen\`. Without it, they are only counted, and
weir says so. An event counts in every metric whose \`where\` it matches, or in none:

| event | what weir does |
| --- | --- |
| It has no value for a label without a default (\`:-none\`), or one with more than 1,024 characters. | It goes to the dead letter, and counts in no metric. |
| Its \`value\` is absent, several, or not a number, or is below zero in a counter. | The same. A text that is a decimal number counts as one. With \`where: "FIELD: *"\` only events with a value count. |
| Its labels are a new combination above \`max_series\`. | It counts in the series with the one label \`otel_metric_overflow="true"\`, so sums remain right. weir logs this once, and counts it in \`weir_component_refusals_total\` with the reason \`max_series\`. A gauge then shows the latest of such values. |

**Exact.** The series are saved together with what was delivered, in one transaction, and a scrape sees only what is saved. A restart or a
crash therefore resets no counter, and no event counts twice or is missing. This requires \`buffer.type: disk\`. An event is visible after
\`batch.timeout\`, one second by default. If the type, the label names or the buckets of a metric change, it starts again at zero; so it does under
another name, or when the sink has another name. Sums of numbers with fractions are rounded as in any client of Prometheus.

\`max_idle\` removes series by the time of the latest event that the metric counted: while none come, series stay. One that comes back starts at
zero. Each commit saves all series of the sink, so keep \`max_series\` at some thousands.
`,
  delivery: { concurrency: "one", batch: { maxEvents: 2000, maxSize: 2 * 1024 * 1024, timeout: 1000 } },
  keepsEvents: false,
  open({ config, recorded, log, metrics: expose, refused }) {
    const metricsIn = (record: Json | undefined): readonly Metric[] =>
      config.metrics.map((metric) => new Metric(metric, isObject(record) ? record["metrics"] : undefined));
    const observers = config.metrics.map((metric) => new Observer(metric, config));
    const counting = metricsIn(recorded);
    const overflowing = new Set<string>();
    let saved = recorded;
    if (expose) expose(() => metricsIn(saved).map(({ family }) => family));
    else log.warn("the metrics are counted, but nobody can read them: start weir with --listen 127.0.0.1:9598");
    const add = (metric: Metric, observation: Observation, at: number): void => {
      if (metric.observe(observation, at)) return;
      refused?.("max_series");
      if (overflowing.has(metric.name)) return;
      overflowing.add(metric.name);
      log.warn(
        `the metric "${metric.name}" has "max_series" combinations of labels: new ones count in the series with the label ${overflowLabel}; use labels with fewer values`,
      );
    };
    return {
      write: async (events) => {
        const failed: Failure[] = [];
        const observed = events.map((event, index) => {
          try {
            return observers.map((observer) => observer.of(event));
          } catch (error) {
            if (!(error instanceof TemplateError)) throw error;
            failed.push({ index, message: `the event cannot be counted: ${error.message}`, final: true });
            return [];
          }
        });
        // From here on nothing can fail: a write counts all of its events, or none.
        for (const [index, observations] of observed.entries())
          for (const [place, observation] of observations.entries())
            if (observation) add(counting[place]!, observation, events[index]!.meta.ingested);
        return { failed, record: { metrics: Object.fromEntries(counting.map((one) => [one.name, one.record()])) } };
      },
      recorded: (record) => {
        saved = record;
      },
    };
  },
});
