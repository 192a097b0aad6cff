import { defineSink, type Json, type Outcome } from "weir";
import { isObject, TemplateError } from "weir/fields";
import { type Observation, Observer } from "./observation.ts";
import { checkMetrics, overflowLabel, prometheusOptions } from "./options.ts";
import { Metric } from "./series.ts";

type Failure = NonNullable<Outcome["failed"]>[number];

export default defineSink({
  name: "prometheus",
  summary: "Makes Prometheus metrics from events: counters, gauges and histograms, exposed at weir's own /metrics.",
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

The metrics are at \`/metrics\`, beside [weir's own](../../operations.md), if weir runs with \`--listen\`. Without it, they are counted but
not exposed, and weir logs a warning. An event counts in every metric whose \`where\` it matches, or in none:

| event | what weir does |
| --- | --- |
| It has no value for a label without a default (\`:-none\`), or one with more than 1,024 characters. | It goes to the dead letter, and counts in no metric. |
| Its \`value\` is missing, has several values, is not a number, or is negative for a counter. | The same. A string with a decimal number is accepted. With \`where: "FIELD: *"\`, events without a value are ignored instead. |
| Its labels are a new combination above \`max_series\`. | It counts in a series with the single label \`otel_metric_overflow="true"\`, so sums stay correct. weir logs this once, and counts each such event in \`weir_component_refusals_total\` with the reason \`max_series\`. For a gauge, that series has the latest of these values. |

**Exact.** The series are saved together with the delivered position, in one transaction, and a scrape sees only saved values. A restart or
a crash therefore resets no counter, and every event counts exactly once. This requires \`buffer.type: disk\`. An event is visible after
\`batch.timeout\`, one second by default. A metric starts again at zero if its name, type, label names or buckets change, or if the id of
the sink changes. Sums of fractions are rounded as in any Prometheus client.

\`max_idle\` compares a series with the latest event that the metric counted, so series stay while no events come. A series that comes back
starts at zero. Each commit saves all series of the sink, so keep \`max_series\` to a few thousand.
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
    else log.warn("the metrics are counted but not exposed: start weir with --listen 127.0.0.1:9598");
    const add = (metric: Metric, observation: Observation, at: number): void => {
      if (metric.observe(observation, at)) return;
      refused?.("max_series");
      if (overflowing.has(metric.name)) return;
      overflowing.add(metric.name);
      log.warn(
        `the metric "${metric.name}" has reached "max_series": new combinations of labels count in the series with the label ${overflowLabel}; use labels with fewer values, or raise "max_series"`,
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
