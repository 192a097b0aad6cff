import { type Delivery, defineSink, option } from "weir";
import { TemplateError, templateOption } from "weir/fields";
import {
  checkUrl,
  compress,
  compressionOption,
  finalStatusesOption,
  fixedHeaders,
  HeaderTemplates,
  HttpClient,
  httpWriter,
  requestOptions,
  TargetTemplate,
  urlTemplateOption,
} from "weir/http";
import { type Entry, entryOf } from "./entries.ts";
import { judgePush } from "./judge.ts";
import { pushBody } from "./push.ts";
import { Streams } from "./streams.ts";

const names = { title: "a name of letters, digits and _", pattern: "^[a-zA-Z_][a-zA-Z0-9_]*$" };
const templates = option.map(templateOption, names);

export default defineSink({
  name: "loki",
  summary: "Sends events to Grafana Loki, with labels and structured metadata from templates.",
  options: {
    url: urlTemplateOption("URL to push to, with its path. `{{ field }}` inserts a field of the event.", [
      "http://127.0.0.1:3100/loki/api/v1/push",
    ]),
    labels: templates(
      "Labels of the event's stream. Use only fields with few distinct values. `{{ field }}` inserts a field of the event.",
      { examples: [{ job: "weir", namespace: "{{ orchestrator.namespace:-none }}" }] },
    ),
    structured_metadata: templates(
      "Structured metadata, for fields with too many distinct values for a label. Names for which the event has no value are left out.",
      { default: {}, examples: [{ trace_id: "{{ trace.id }}" }] },
    ),
    line: option.optional(
      templateOption("Text of an entry. Default: the event as JSON.", { examples: ["{{ message }}"] }),
    ),
    tenant: option.optional(
      option.compiled(
        "printable text with placeholders such as {{ field }}",
        (text) => new HeaderTemplates({ "X-Scope-OrgID": text }),
      )("Tenant, sent as `X-Scope-OrgID`.", { examples: ["{{ orchestrator.cluster.name:-main }}"] }),
    ),
    max_streams: option.integer(
      "Maximum number of label combinations per hour. Events with a new combination above it go to the dead letter.",
      { default: 1000, minimum: 1 },
    ),
    compression: compressionOption(["none", "gzip"], "gzip"),
    ...requestOptions,
    final_statuses: finalStatusesOption,
  },
  notes: `
Events with the same labels form one Loki stream. Use labels for fields with few distinct values, such as a namespace. Put values that change with every event
into \`structured_metadata\`, or leave them in the line. If an event has no value for a label, it goes to the dead letter, unless the placeholder has a
default (\`:-none\`). Loki ignores labels with an empty value.

\`\`\`yaml
sinks:
  logs:
    type: loki
    inputs: [app]
    url: http://127.0.0.1:3100/loki/api/v1/push
    labels: { job: weir, namespace: "{{ orchestrator.namespace:-none }}" }
    structured_metadata: { trace_id: "{{ trace.id }}" }
    line: "{{ message }}"
\`\`\`

An entry's time is \`@timestamp\`, with nanoseconds, or the time when weir received the event. Within a request, the entries of a stream are sorted by
time. Several requests can be in flight at once. If Loki gets entries of a stream with the same time and line, it keeps one. A repeated
delivery therefore makes no duplicate. Without \`line\`, two different events never look the same.

| answer | what happens to the events |
| --- | --- |
| 2xx | delivered |
| 400 | Loki refused some entries, for example because they are too old for their stream, and accepted the others. weir sends the push again in halves to find the refused ones. Only these go to the dead letter, with Loki's reason. |
| 401, 404 and other statuses about the setup | retried until the setup is fixed |
| 429, 5xx, no answer | retried; weir honors \`Retry-After\`, up to one hour |

[How delivery works](../../delivery.md) has the complete table.
`,
  delivery: { concurrency: 4, batch: { maxEvents: 500, maxSize: 1024 * 1024, timeout: 1000 } },
  open({ config, ...context }) {
    const { compression, max_streams, tenant } = config;
    const template = new TargetTemplate(config);
    const fixed = fixedHeaders("application/json", config);
    const parts = {
      labels: Object.entries(config.labels),
      metadata: Object.entries(config.structured_metadata),
      line: config.line,
    };
    const streams = new Streams(max_streams);
    const entries = new WeakMap<Delivery, Entry>();
    return httpWriter({
      client: new HttpClient({ tls: config.tls }),
      context,
      origin: template.origin,
      perRequest: Number.POSITIVE_INFINITY,
      final: config.final_statuses,
      judge: judgePush,
      target(event) {
        const entry = entryOf(event, parts);
        const { url, headers } = template.render(event);
        const own = { ...headers, ...tenant?.render(event.data, event.meta) };
        if (!streams.admits(JSON.stringify([own, entry.key]), context.clock.monotonic()))
          throw new TemplateError(
            `its labels ${entry.key} exceed "max_streams" (${max_streams} label combinations per hour); put fields with many distinct values into "structured_metadata"`,
          );
        entries.set(event, entry);
        return { url, headers: own };
      },
      request: async (events, target) => {
        const body = pushBody(events.map((event) => entries.get(event)!));
        return {
          method: "POST",
          url: target.url,
          headers: { ...fixed, ...target.headers },
          body: await compress(body, compression),
        };
      },
    });
  },
  check: checkUrl,
});
