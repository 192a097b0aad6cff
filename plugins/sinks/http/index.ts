import { defineSink, fingerprint, option } from "weir";
import {
  authorization,
  clientAuthOption,
  clientTlsOption,
  finalStatusesOption,
  HeaderTemplates,
  HttpClient,
  headerNameOption,
  headersOption,
  httpWriter,
  UrlTemplate,
  urlTemplateOption,
} from "weir/http";
import { bodyOf, contentTypes } from "./body.ts";

export default defineSink({
  name: "http",
  summary: "Sends events to a server by HTTP, many in one request.",
  options: {
    url: urlTemplateOption(
      "Where to. `{{ field }}` stands for an event's value, percent-encoded, after the host only.",
      ["https://collector.example.org/events/{{ data_stream.dataset:-other }}"],
    ),
    method: option.oneOf("POST", "PUT")("The method of the requests.", { default: "POST" }),
    encoding: option.oneOf(
      "ndjson",
      "json_array",
      "json",
    )("What a body is: one event a line, a JSON array of events, or one event by itself.", { default: "ndjson" }),
    compression: option.oneOf("none", "gzip", "zstd")("How bodies are compressed.", { default: "none" }),
    headers: headersOption,
    auth: clientAuthOption,
    tls: clientTlsOption,
    idempotency_key: headerNameOption(
      "The header that names a request, the same each time the same events are sent.",
      "Idempotency-Key",
    ),
    final_statuses: finalStatusesOption,
  },
  notes: `
Events of one write that have the same URL and headers share requests. An event without a value for a placeholder, and
without \`:-otherwise\` in it, goes to the dead letter; so does one whose value would leave its place in the path.

| answer | what becomes of the events |
| --- | --- |
| 2xx | delivered; a list \`failed\` in a JSON body names those that were not |
| 400, 413, 415, 422 and other 4xx | a request of several events is sent again in halves, so that only what cannot be taken goes to the dead letter |
| 401, 402, 403, 404, 405, 407, 409, 410, 421, 423, 424, 426, 451, and redirects | tried again until the set-up is put right; \`final_statuses\` takes a status from here to the line above |
| 408, 425, 429, 5xx, no answer | tried again; \`Retry-After\` is honoured up to an hour |

[How delivery works](../../delivery.md) says the rest: retries, partial failures and what a receiver should do.
`,
  delivery: { concurrency: 4, batch: { maxEvents: 500, maxSize: 1024 * 1024, timeout: 1000 } },
  open({ config, ...context }) {
    const { method, encoding, compression } = config;
    const url = new UrlTemplate(config.url);
    const headers = new HeaderTemplates(config.headers);
    const shown = authorization(config.auth);
    const fixed = {
      "content-type": contentTypes[encoding],
      ...(compression !== "none" && { "content-encoding": compression }),
      ...(shown !== undefined && { authorization: shown }),
    };
    return httpWriter({
      client: new HttpClient({ tls: config.tls }),
      context,
      origin: url.origin,
      perRequest: encoding === "json" ? 1 : Number.POSITIVE_INFINITY,
      final: config.final_statuses,
      target: ({ data }) => ({ url: url.render(data), headers: headers.render(data) }),
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
  async check({ config, signal }) {
    const client = new HttpClient({ tls: config.tls });
    await client.check(new UrlTemplate(config.url).origin, signal);
  },
});
