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
  summary: "Sends events to Grafana Loki, with labels and structured metadata by template.",
  options: {
    url: urlTemplateOption("URL to push to, with its path. `{{ field }}` inserts a value of the event.", [
      "http://127.0.0.1:3100/loki/api/v1/push",
    ]),
    labels: templates(
      "The labels of the event's stream, which must have few values. `{{ field }}` inserts a value of the event.",
      { examples: [{ job: "weir", namespace: "{{ orchestrator.namespace:-none }}" }] },
    ),
    structured_metadata: templates(
      "Structured metadata, for values that are too many for labels. What an event has no value for is left out.",
      { default: {}, examples: [{ trace_id: "{{ trace.id }}" }] },
    ),
    line: option.optional(
      templateOption("The text of an entry; by default the event as JSON.", { examples: ["{{ message }}"] }),
    ),
    tenant: option.optional(
      option.compiled(
        "printable text with placeholders such as {{ field }}",
        (text) => new HeaderTemplates({ "X-Scope-OrgID": text }),
      )("The tenant, sent as `X-Scope-OrgID`.", { examples: ["{{ orchestrator.cluster.name:-main }}"] }),
    ),
    max_streams: option.integer(
      "How many combinations of labels events may have within an hour. Events with further ones go to the dead letter.",
      { default: 1000, minimum: 1 },
    ),
    compression: compressionOption(["none", "gzip"], "gzip"),
    ...requestOptions,
    final_statuses: finalStatusesOption,
  },
  notes: `
Events with the same labels are one stream of Loki. Labels are for few values, such as a namespace; what differs from event to event belongs
into \`structured_metadata\`, or stays in the line. An event without a value for a label goes to the dead letter, unless the placeholder has a
default (\`:-none\`). A label whose value is empty is no label.

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

The time of an entry is \`@timestamp\`, to the nanosecond, or when weir received the event. The entries of a stream are in the order of their times
within a request; several requests may be under way. Loki keeps one of several entries of a stream with the same time and line: so a repeated
delivery is no duplicate, and without \`line\` two different events are never the same.

| answer | what happens to the events |
| --- | --- |
| 2xx | delivered |
| 400 | Loki refuses some entries, for example because they are too old for their stream, and takes the others. weir sends the push again in halves to find those to blame; only these go to the dead letter, with what Loki says of them |
| 401, 404 and the others that are about the setup | tried again until it is fixed |
| 429, 5xx, no answer | tried again; weir waits for the pause in \`Retry-After\`, up to one hour |

[How delivery works](../../delivery.md) has the whole table.
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
            `its labels ${entry.key} would be one more than the ${max_streams} combinations that max_streams allows within an hour; put values that vary much into structured_metadata`,
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
