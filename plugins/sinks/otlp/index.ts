import { defineSink, option } from "weir";
import {
  checkUrl,
  compress,
  compressionOption,
  finalStatusesOption,
  fixedHeaders,
  HttpClient,
  httpWriter,
  requestOptions,
  TargetTemplate,
  urlTemplateOption,
} from "weir/http";
import { jsonRequest, otlpTypes, protobufRequest, recordOfEvent } from "weir/otlp";
import { judgeOtlp } from "./judge.ts";
import { saidOnce } from "./said-once.ts";

const requests = { protobuf: protobufRequest, json: jsonRequest };

export default defineSink({
  name: "otlp",
  summary: "Sends events as OpenTelemetry logs by OTLP over HTTP.",
  options: {
    url: urlTemplateOption("URL to send to, with its path. `{{ field }}` inserts a value of the event.", [
      "http://127.0.0.1:4318/v1/logs",
    ]),
    encoding: option.oneOf("protobuf", "json")("Format of a body.", { default: "protobuf" }),
    compression: compressionOption(["none", "gzip"], "gzip"),
    ...requestOptions,
    final_statuses: finalStatusesOption,
  },
  notes: `
The receiver may be a Collector (receiver \`otlp\`, protocol \`http\`), or a backend that takes OTLP over HTTP. There is no gRPC; a Collector
converts.

An event that came from the [\`otlp\` source](../sources/otlp.md) goes out with the same meaning; times, severity, body, ids, attributes,
resource and scope are taken from where the source puts them. The same fields are used in every other event, and these rules:

| field of the record | from |
| --- | --- |
| \`time_unix_nano\` | \`@timestamp\` |
| \`observed_time_unix_nano\` | \`observed_timestamp\`, or when weir received the event |
| \`severity_text\` | \`severity_text\`, or \`log.level\` |
| \`severity_number\` | \`severity_number\`; or by the name in \`log.level\` (\`warn\` is 13, \`error\` 17, …), or by \`kibana.alert.severity\` (low 9, medium 13, high 17, critical 21) |
| \`body\` | \`message\`, or \`body\`, or \`kibana.alert.reason\`, which remains an attribute |
| \`trace_id\`, \`span_id\` | \`trace.id\` and \`span.id\`, if they are 32 and 16 hexadecimal digits |
| attributes of the resource | \`resource\`; without it, the fields under \`service\`, \`host\`, \`cloud\` and \`container\` |
| attributes of the record | \`attributes\`, and everything else by its whole path: \`kubernetes.pod.name\` |

If an attribute and another field have the same name, the value is an array of both. Whole numbers of up to 64 bits are integers, all other
numbers doubles. Records with the same resource and scope are sent together.

| answer | what happens to the events |
| --- | --- |
| 2xx | delivered |
| 2xx with \`rejected_log_records\` | OTLP does not say which records were rejected, and the request must not be sent again. So all events of the request go to the dead letter, with the receiver's message. With \`batch: { max_events: 1 }\`, these are exactly the rejected ones |
| 400, 413, 415, 422 and other 4xx | a request with several events is sent again in halves, so that only the events to blame go to the dead letter |
| 401, 402, 403, 404, 405, 407, 409, 410, 421, 423, 424, 426, 451, and redirects | tried again until the setup is fixed; \`final_statuses\` moves a status to the line above |
| 408, 425, 429, 5xx, no answer | tried again; weir waits for the pause in \`Retry-After\`, up to one hour |

OTLP allows retries after 429, 502, 503 and 504 only. weir tries again after other 5xx, too, because an event must not be lost by a receiver that
fails: see [how delivery works](../../delivery.md). Events can be delivered twice; OTLP has no ids by which a receiver could notice.
`,
  delivery: { concurrency: 4, batch: { maxEvents: 500, maxSize: 1024 * 1024, timeout: 1000 } },
  open({ config, ...context }) {
    const { encoding, compression } = config;
    const template = new TargetTemplate(config);
    const fixed = fixedHeaders(otlpTypes[encoding], config);
    return httpWriter({
      client: new HttpClient({ tls: config.tls }),
      context,
      origin: template.origin,
      perRequest: Number.POSITIVE_INFINITY,
      final: config.final_statuses,
      judge: judgeOtlp(saidOnce(context)),
      target: (event) => template.render(event),
      request: async (events, target) => {
        const body = requests[encoding](events.map(({ data, meta }) => recordOfEvent(data, meta.ingested)));
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
