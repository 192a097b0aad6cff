import { defineSink, fingerprint, option } from "weir";
import {
  checkUrl,
  compressionOption,
  finalStatusesOption,
  fixedHeaders,
  HttpClient,
  headerNameOption,
  httpWriter,
  requestOptions,
  TargetTemplate,
  urlTemplateOption,
} from "weir/http";
import { bodyOf, contentTypes } from "./body.ts";

export default defineSink({
  name: "http",
  summary: "Sends events to an HTTP server, many per request.",
  options: {
    url: urlTemplateOption(
      "URL to send to. `{{ field }}` inserts a field of the event, percent-encoded, and is allowed only after the host.",
      ["https://collector.example.org/events/{{ data_stream.dataset:-other }}"],
    ),
    method: option.oneOf("POST", "PUT")("Request method.", { default: "POST" }),
    encoding: option.oneOf(
      "ndjson",
      "json_array",
      "json",
    )("Format of a body: one event per line, a JSON array of events, or a single event.", { default: "ndjson" }),
    compression: compressionOption(["none", "gzip", "zstd"], "none"),
    ...requestOptions,
    idempotency_key: headerNameOption(
      "Header with an id of the request, which is the same each time the same events are sent.",
      "Idempotency-Key",
    ),
    final_statuses: finalStatusesOption,
  },
  notes: `
Events of one write with the same URL and headers share requests. An event without a value for a placeholder goes to the dead
letter, unless the placeholder has a default (\`:-other\`); so does an event whose value would change the path (\`.\` or \`..\`).

| answer | what happens to the events |
| --- | --- |
| 2xx | delivered, except those in a list \`failed\` of a JSON body |
| 400, 413, 415, 422 and other 4xx | a request with several events is sent again in halves, so that only the events to blame go to the dead letter |
| 401, 402, 403, 404, 405, 407, 409, 410, 421, 423, 424, 426, 451, and redirects | tried again until the setup is fixed; \`final_statuses\` moves a status to the line above |
| 408, 425, 429, 5xx, no answer | tried again; weir waits for the pause in \`Retry-After\`, up to one hour |

[How delivery works](../../delivery.md) explains retries, partial failures, and what a receiver should do.
`,
  delivery: { concurrency: 4, batch: { maxEvents: 500, maxSize: 1024 * 1024, timeout: 1000 } },
  open({ config, ...context }) {
    const { method, encoding, compression } = config;
    const template = new TargetTemplate(config);
    const fixed = fixedHeaders(contentTypes[encoding], config);
    return httpWriter({
      client: new HttpClient({ tls: config.tls }),
      context,
      origin: template.origin,
      perRequest: encoding === "json" ? 1 : Number.POSITIVE_INFINITY,
      final: config.final_statuses,
      target: (event) => template.render(event),
      request: async (events, target) => ({
        method,
        url: target.url,
        headers: {
          ...fixed,
          [config.idempotency_key.toLowerCase()]: fingerprint(JSON.stringify(events.map(({ id }) => id))),
          ...target.headers,
        },
        body: await bodyOf(events, encoding, compression),
      }),
    });
  },
  check: checkUrl,
});
