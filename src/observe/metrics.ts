import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { ComponentStats, Stats } from "../runtime/stats.ts";

/** Numbers of a component, as counters: the names are those of the statistics. */
const counted = {
  component_received_events_total: "Events that came in",
  component_received_bytes_total: "Bytes that a source read",
  component_created_events_total: "Events made beyond the first of one; for a sink, found undelivered at start",
  component_sent_events_total: "Events sent on; for a sink, delivered",
} as const satisfies Partial<Record<keyof ComponentStats, string>>;

/** Numbers of a component by reason. */
const reasoned = {
  component_consumed_events_total: [
    "consumed_events_total",
    "Events that ended here, which is what the component is for",
  ],
  component_dropped_events_total: ["discarded_events_total", "Events let go on purpose"],
  component_dead_letter_events_total: ["dead_letter_events_total", "Events put into the dead letter"],
  component_retries_by_reason: ["retries_total", "Deliveries that were tried again"],
  component_refusals_total: ["refusals_total", "Requests and readings that were refused"],
  component_notes_total: ["notes_total", "What is worth counting and moves no event"],
} as const satisfies Partial<Record<keyof ComponentStats, readonly [string, string]>>;

const labels = ["component_id", "component_kind", "component_type"] as const;

/** Where the numbers come from: read anew, in one step, for each scrape. */
export interface Measured {
  readonly version: string;
  stats(): Stats;
  isReady(): boolean;
}

/** Gauges that the library names as if they were counters. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** The metrics of a run in Prometheus' text format, the process's own among them. */
export const metricsOf = (measured: Measured): { text(): Promise<string>; readonly contentType: string } => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const fill = [...componentMetrics(registry), ...runMetrics(registry, measured)];
  return {
    contentType: registry.contentType,
    text: () => {
      const stats = measured.stats();
      for (const one of fill) one(stats);
      return registry.metrics();
    },
  };
};

type Fill = (stats: Stats) => void;

function* componentMetrics(registry: Registry): Generator<Fill> {
  for (const [name, help] of Object.entries(counted)) {
    const counter = new Counter({ name: `weir_${name}`, help, labelNames: labels, registers: [registry] });
    yield eachComponent(counter, (stats, id) => counter.inc(id, stats[name as keyof typeof counted]));
  }
  for (const [name, [short, help]] of Object.entries(reasoned)) {
    const isDiscard = short === "discarded_events_total";
    const labelNames = [...labels, "reason", ...(isDiscard ? ["intentional"] : [])];
    const counter = new Counter({ name: `weir_component_${short}`, help, labelNames, registers: [registry] });
    yield eachComponent(counter, (stats, id) => {
      for (const [reason, count] of Object.entries(stats[name as keyof typeof reasoned]))
        counter.inc({ ...id, reason, ...(isDiscard ? { intentional: "true" } : {}) }, count);
    });
  }
  const byOutput = new Counter({
    name: "weir_component_output_sent_events_total",
    help: "Events sent on by named outputs, which are among those sent",
    labelNames: [...labels, "output"],
    registers: [registry],
  });
  yield eachComponent(byOutput, (stats, id) => {
    for (const [output, count] of Object.entries(stats.component_sent_events_by_output))
      byOutput.inc({ ...id, output }, count);
  });
  const inFlight = gauge(registry, "component_in_flight_events", "Events taken in and not done with", labels);
  yield eachComponent(inFlight, (stats, id) => inFlight.set(id, stats.component_in_flight_events));
  const unbalanced = gauge(registry, "component_unbalanced_events", "Events not accounted for: 0, or a fault", labels);
  yield eachComponent(unbalanced, (stats, id) => unbalanced.set(id, stats.unbalanced_events));
}

const eachComponent =
  (
    metric: { reset(): void },
    fill: (stats: ComponentStats, id: Record<(typeof labels)[number], string>) => void,
  ): Fill =>
  ({ components }) => {
    metric.reset();
    for (const [component_id, stats] of Object.entries(components))
      fill(stats, { component_id, component_kind: stats.kind, component_type: stats.type });
  };

function* runMetrics(registry: Registry, { version, isReady }: Measured): Generator<Fill> {
  const outbox = gauge(registry, "outbox_bytes", "Bytes that wait in an outbox", ["outbox"]);
  yield ({ outbox_bytes }) => {
    for (const [name, bytes] of Object.entries(outbox_bytes)) outbox.set({ outbox: name }, bytes);
  };
  const commits = new Counter({ name: "weir_commits_total", help: "Commits that were tried", registers: [registry] });
  const retries = new Counter({
    name: "weir_commit_retries_total",
    help: "Commits that did not go through and were tried again",
    registers: [registry],
  });
  const uptime = gauge(registry, "uptime_seconds", "Since the run began");
  const ready = gauge(registry, "ready", "1 when /ready says 200, else 0");
  gauge(registry, "build_info", "The version that runs", ["version"]).set({ version }, 1);
  yield (stats) => {
    commits.reset();
    commits.inc(stats.commits_total);
    retries.reset();
    retries.inc(stats.commit_retries_total);
    uptime.set(stats.uptime_seconds);
    ready.set(isReady() ? 1 : 0);
  };
}

const gauge = (registry: Registry, name: string, help: string, labelNames: readonly string[] = []): Gauge =>
  new Gauge({ name: `weir_${name}`, help, labelNames, registers: [registry] });
