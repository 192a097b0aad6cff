import { defineSource, option } from "weir";
import { isObject } from "weir/fields";

const stream = "metrics";

export default defineSource({
  name: "internal_metrics",
  summary: "Makes events of weir's own metrics, at an interval.",
  replays: false,
  reloads: true,
  options: {
    interval: option.window("How often.", { default: "15s" }),
  },
  notes: `
At each interval there is an event for each component and one for the run. The values under \`weir\` are those of
[\`/metrics\`](../../operations.md#health-readiness-metrics) at that moment, named without the \`weir_\` before them; counters that have a reason are
objects by reason.

\`\`\`json
{ "@timestamp": "2026-03-01T12:00:00.000Z", "event": { "kind": "metric" }, "service": { "type": "weir", "version": "0.1.0" }, "host": { "name": "node-1" },
  "weir": { "component": { "id": "alerts", "kind": "sink", "type": "http" }, "component_sent_events_total": 12, "component_retries_by_reason": {} } }
\`\`\`

The event of the run has no \`weir.component\`, but \`weir.outbox_bytes\`, \`weir.commits_total\` and the like, \`weir.process_resident_memory_bytes\` and
\`weir.process_cpu_seconds_total\`. Counters begin at 0 when weir starts. The events of this source are counted, too.

The source never ends. When sinks have no room, an interval is left out.
`,
  decoding: { codec: "json", framing: "newline" },
  async *read({ config, clock, signal, checkpoints, inside, deployment }) {
    if (!inside) return;
    const shared = {
      event: { kind: "metric" },
      service: { type: "weir", version: deployment?.version },
      host: { name: deployment?.host },
    };
    let position = checkpoints.get(stream)?.position ?? 0;
    let next = clock.monotonic();
    while (!signal.aborted) {
      const common = { "@timestamp": new Date(clock.now()).toISOString(), ...shared };
      const lines = documents(inside.stats()).map((weir) => `${JSON.stringify({ ...common, weir })}\n`);
      const bytes = Buffer.from(lines.join(""));
      yield { stream, position, bytes };
      position += bytes.length;
      next += config.interval * (Math.floor((clock.monotonic() - next) / config.interval) + 1);
      await clock.sleep(next - clock.monotonic(), signal);
    }
  },
});

/** What is under `weir`: for each component, and for the run. */
const documents = ({ components, ...run }: Readonly<Record<string, unknown>>): readonly object[] => {
  const { user, system } = process.cpuUsage();
  const ofProcess = {
    process_resident_memory_bytes: process.memoryUsage.rss(),
    process_cpu_seconds_total: (user + system) / 1e6,
  };
  const each = Object.entries(isObject(components) ? components : {}).map(([id, stats]) => {
    const { kind, type, ...values } = isObject(stats) ? stats : {};
    return { component: { id, kind, type }, ...values };
  });
  return [...each, { ...run, ...ofProcess }];
};
