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
  summary: "Sends events as OpenTelemetry logs over OTLP/HTTP.",
  options: {
    url: urlTemplateOption("URL to send to, with its path. `{{ field }}` inserts a field of the event.", [
      "http://127.0.0.1:4318/v1/logs",
    ]),
    encoding: option.oneOf("protobuf", "json")("Format of request bodies.", { default: "protobuf" }),
    compression: compressionOption(["none", "gzip"], "gzip"),
    ...requestOptions,
    final_statuses: finalStatusesOption,
  },
  notes: `
The receiver can be a Collector (receiver \`otlp\`, protocol \`http\`) or a backend that accepts OTLP over HTTP. The sink does not support gRPC; use a Collector
to convert.

weir sends an event from the [\`otlp\` source](../sources/otlp.md) with the same meaning as it was received. It takes time, severity, body, ids, attributes,
resource and scope from the fields where the source puts them. All other events are mapped by these rules:

| field of the record | from |
| --- | --- |
| \`time_unix_nano\` | \`@timestamp\` |
| \`observed_time_unix_nano\` | \`observed_timestamp\`, or the time when weir received the event |
| \`severity_text\` | \`severity_text\`, or \`log.level\` |
| \`severity_number\` | \`severity_number\`; or the name in \`log.level\` (\`warn\` is 13, \`error\` is 17, …); or \`kibana.alert.severity\` (low is 9, medium 13, high 17, critical 21) |
| \`body\` | \`message\`, or \`body\`, or \`kibana.alert.reason\`, which is also sent as an attribute |
| \`trace_id\`, \`span_id\` | \`trace.id\` and \`span.id\`, if they are 32 and 16 hexadecimal digits |
| attributes of the resource | \`resource\`; without it, the fields under \`service\`, \`host\`, \`cloud\` and \`container\` |
| attributes of the record | \`attributes\`, and every other field under its full path: \`kubernetes.pod.name\` |

If an attribute and another field have the same name, the value is an array of both. Integers of up to 64 bits are sent as integers, all other
numbers as doubles. Records with the same resource and scope are grouped.

| answer | what happens to the events |
| --- | --- |
| 2xx | delivered |
| 2xx with \`rejected_log_records\` | All events of the request go to the dead letter, with the receiver's message: OTLP does not report which records were rejected, and does not allow sending the request again. With \`batch: { max_events: 1 }\`, only the rejected events go there. |
| 400, 413, 415, 422 and other 4xx | weir sends a request with several events again in halves, so that only the refused events go to the dead letter. |
| 401, 402, 403, 404, 405, 407, 409, 410, 421, 423, 424, 426, 451, and redirects | retried until the setup is fixed; with \`final_statuses\`, a status is treated as in the row above |
| 408, 425, 429, 5xx, no answer | retried; weir honors \`Retry-After\`, up to one hour |

OTLP allows retries only after 429, 502, 503 and 504. weir also retries after other 5xx statuses, because a failing receiver must not cost events:
see [how delivery works](../../delivery.md). Events can be delivered twice, and OTLP has no ids by which a receiver could detect it.
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
