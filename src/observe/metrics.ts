import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { ReloadHistory } from "../reload/reloader.ts";
import type { ComponentStats, Stats } from "../runtime/stats.ts";
import type { MetricFamily } from "../telemetry/metric-family.ts";
import { familyText } from "./family-text.ts";

/** Counters of a component, by their names in the statistics. */
const counted = {
  component_received_events_total: "Events received",
  component_received_bytes_total: "Bytes read by a source",
  component_created_events_total:
    "Events created from another event, beyond the first; for a sink, events found undelivered at start",
  component_sent_events_total: "Events sent; for a sink, events delivered",
} as const satisfies Partial<Record<keyof ComponentStats, string>>;

/** Counters of a component that have a reason. */
const reasoned = {
  component_consumed_events_total: ["consumed_events_total", "Events that ended here as intended"],
  component_dropped_events_total: ["discarded_events_total", "Events dropped on purpose"],
  component_dead_letter_events_total: ["dead_letter_events_total", "Events sent to the dead letter"],
  component_retries_by_reason: ["retries_total", "Deliveries tried again"],
  component_refusals_total: ["refusals_total", "Requests and readings refused"],
  component_notes_total: ["notes_total", "Occurrences that do not move an event, such as late events"],
} as const satisfies Partial<Record<keyof ComponentStats, readonly [string, string]>>;

/** Of components that remember something, and of sources that read to an end. */
const sometimes = {
  component_state_bytes: "Bytes of keys and values in the state",
  component_state_max_bytes: "The limit of the state, in bytes",
  component_progress_bytes: "Bytes that a source has read, of those that it is going to read",
  component_progress_total_bytes: "Bytes that a source is going to read until it ends",
} as const satisfies Partial<Record<keyof ComponentStats, string>>;

const labels = ["component_id", "component_kind", "component_type"] as const;

/** Where the metrics come from: read in one step, for each scrape. */
export interface Measured {
  readonly version: string;
  stats(): Stats;
  isReady(): boolean;
  reloads(): ReloadHistory;
  /** Metrics of components, exposed beside weir's own. */
  exposed(): readonly MetricFamily[];
}

/** Of the memory that says which keys the state has. */
const indexed = {
  state_index_bytes: "Memory of the index of keys in the state",
  state_index_max_bytes: "The limit of that, in bytes",
  state_index_keys: "Keys in the index",
  state_index_complete: "1 if all keys of the state are in the index, otherwise 0",
} as const satisfies Partial<Record<keyof Stats, string>>;

/** Gauges that the library names like counters. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** The metrics of a run and of its process, in the Prometheus text format. */
export const metricsOf = (measured: Measured): { text(): Promise<string>; readonly contentType: string } => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const fill = [...componentMetrics(registry), ...runMetrics(registry, measured), reloadMetrics(registry, measured)];
  return {
    contentType: registry.contentType,
    text: async () => {
      const stats = measured.stats();
      for (const one of fill) one(stats);
      return [await registry.metrics(), ...measured.exposed().map(familyText)].join("");
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
    help: "Of the events sent, those sent to named outputs",
    labelNames: [...labels, "output"],
    registers: [registry],
  });
  yield eachComponent(byOutput, (stats, id) => {
    for (const [output, count] of Object.entries(stats.component_sent_events_by_output))
      byOutput.inc({ ...id, output }, count);
  });
  const inFlight = gauge(registry, "component_in_flight_events", "Events received and not finished", labels);
  yield eachComponent(inFlight, (stats, id) => inFlight.set(id, stats.component_in_flight_events));
  for (const [name, help] of Object.entries(sometimes)) {
    const size = gauge(registry, name, help, labels);
    yield eachComponent(size, (stats, id) => {
      const bytes = stats[name as keyof typeof sometimes];
      if (bytes !== undefined) size.set(id, bytes);
    });
  }
  const unbalanced = gauge(
    registry,
    "component_unbalanced_events",
    "Events not accounted for; anything but 0 is a bug",
    labels,
  );
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
  const outbox = gauge(registry, "outbox_bytes", "Bytes in an outbox that are not delivered", ["outbox"]);
  yield ({ outbox_bytes }) => {
    for (const [name, bytes] of Object.entries(outbox_bytes)) outbox.set({ outbox: name }, bytes);
  };
  const commits = new Counter({ name: "weir_commits_total", help: "Commits attempted", registers: [registry] });
  const retries = new Counter({
    name: "weir_commit_retries_total",
    help: "Commits that failed and were tried again",
    registers: [registry],
  });
  for (const [name, help] of Object.entries(indexed)) {
    const one = gauge(registry, name, help);
    yield (stats) => one.set(stats[name as keyof typeof indexed]);
  }
  const uptime = gauge(registry, "uptime_seconds", "Seconds since the run started");
  const ready = gauge(registry, "ready", "1 if /ready answers 200, otherwise 0");
  gauge(registry, "build_info", "The running version", ["version"]).set({ version }, 1);
  yield (stats) => {
    commits.reset();
    commits.inc(stats.commits_total);
    retries.reset();
    retries.inc(stats.commit_retries_total);
    uptime.set(stats.uptime_seconds);
    ready.set(isReady() ? 1 : 0);
  };
}

const reloadMetrics = (registry: Registry, { reloads }: Measured): Fill => {
  const total = new Counter({
    name: "weir_reloads_total",
    help: "Reloads of the pipeline file, by how they went",
    labelNames: ["outcome"],
    registers: [registry],
  });
  const loaded = gauge(
    registry,
    "last_load_timestamp_seconds",
    "When the pipeline file was last loaded without an error, in seconds since 1970",
  );
  return () => {
    const { counts, loadedAt } = reloads();
    total.reset();
    for (const [outcome, count] of Object.entries(counts)) total.inc({ outcome }, count);
    loaded.set(loadedAt / 1000);
  };
};

const gauge = (registry: Registry, name: string, help: string, labelNames: readonly string[] = []): Gauge =>
  new Gauge({ name: `weir_${name}`, help, labelNames, registers: [registry] });
