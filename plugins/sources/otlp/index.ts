import { defineSource } from "weir";
import { httpServerOptions, listenHttp, Refusal } from "weir/http";
import { otlpProtocol } from "./protocol.ts";

const path = "/v1/logs";

export default defineSource({
  name: "otlp",
  summary:
    "Receives logs from OpenTelemetry SDKs and Collectors by OTLP over HTTP, and answers when they are committed.",
  options: httpServerOptions({ listen: "127.0.0.1:4318", max_body: "16MiB", max_receiving: "64MiB" }),
  notes: `
An SDK or a Collector sends to \`http://HOST:4318\`; SDKs and the Collector's \`otlphttp\` exporter add \`/v1/logs\` themselves. The body is
an \`ExportLogsServiceRequest\` in protobuf (\`application/x-protobuf\`) or JSON (\`application/json\`), as it is or with gzip, deflate, br or
zstd. There is no gRPC, and there are no traces and metrics: a Collector in front receives OTLP over gRPC and sends logs on by HTTP.

\`\`\`yaml
# The Collector's configuration.
receivers: { otlp: { protocols: { grpc: { endpoint: 127.0.0.1:4317 } } } }
exporters: { otlphttp: { endpoint: http://127.0.0.1:4318 } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
\`\`\`

**The event** of a log record:

| field | from |
| --- | --- |
| \`@timestamp\` | \`time_unix_nano\`; if that is not known, \`observed_time_unix_nano\`. With nanoseconds if there are any |
| \`observed_timestamp\` | \`observed_time_unix_nano\` |
| \`message\` | \`body\`, if it is a string |
| \`body\` | \`body\`, if it is anything else |
| \`log.level\`, \`severity_text\` | \`severity_text\` |
| \`severity_number\` | \`severity_number\`; it is also there, as 0, if only the text is known |
| \`trace.id\`, \`span.id\` | the ids in hexadecimal; zeros only are no id |
| \`attributes\` | one member for each attribute, under its whole name: \`{"http.method": "GET"}\` |
| \`flags\`, \`event_name\`, \`dropped_attributes_count\` | the fields of these names |
| \`resource\` | \`attributes\`, \`dropped_attributes_count\`, \`schema_url\` |
| \`scope\` | \`name\`, \`version\`, \`attributes\`, \`dropped_attributes_count\`, \`schema_url\` |
| \`otlp\` | what JSON cannot tell apart, see below |

What is empty or 0 is absent. These are the names of Elastic's OpenTelemetry data streams, with \`message\`, \`log.level\`, \`trace.id\` and
\`span.id\` of ECS. A query reads \`attributes.http.method\` and \`resource.attributes.service.name\`.

Values keep their meaning: integers have all their 64 bits, bytes are base64, an empty value is \`null\`. \`otlp.bytes\` lists the places of bytes,
and \`otlp.doubles\` those of doubles that are no fractions (\`"NaN"\`, \`"Infinity"\` and \`"-Infinity"\` are strings), as JSON Pointers into the
event. If a key occurs several times in a list, the first value is in its place, and the others are in \`otlp.repeated\`. So the \`otlp\` sink sends
exactly the same record. Strings of protobuf that are not UTF-8 are treated as \`invalid_text\` says. \`entity_refs\` of a resource, which are not
stable yet, are left out.

| answer | when |
| --- | --- |
| 200 | the events are committed: they are on disk and will be delivered. The body is an \`ExportLogsServiceResponse\` in the encoding of the request. A record with values that are nested more than 64 levels deep, or with more than 200,000 fields (50,000 attributes), goes to the dead letter, and is counted as rejected in \`partial_success\` |
| 400 | the body cannot be decoded; a resource or a scope is beyond these limits; JSON has more than 500,000 objects and arrays; or more than 1,000 of its records cannot be processed, and the rest was not read |
| 401, 403, 404, 405, 408 | as those of \`http_server\` |
| 413 | the body is larger than \`max_body\`; or its events, each with a copy of the resource, are more than four times as large |
| 415 | the \`Content-Type\` or \`Content-Encoding\` is not supported |
| 429, 503 | there is no room because sinks are slow; weir is stopping. With \`Retry-After\`: clients send the request again |

The body of an error is a \`google.rpc.Status\` with the message, in the encoding of the request. Event ids are derived from the body, so a request
that is sent again produces the same ids.
`,
  decoding: { framing: "newline", codec: "json" },
  listen(context, offer) {
    const route = (found: string) => {
      if (found === path) return { framing: "newline", codec: "json" } as const;
      throw new Refusal(404, `There is nothing at "${found.slice(0, 200)}"; weir takes logs only, at ${path}.`);
    };
    return listenHttp(context, offer, route, otlpProtocol(context.config));
  },
});
