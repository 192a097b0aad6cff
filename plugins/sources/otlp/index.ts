import { defineSource, option } from "weir";
import { addressOption, httpServerOptions, listenHttp, Refusal } from "weir/http";
import { otlpTypes } from "weir/otlp";
import { otlpProtocol } from "./protocol.ts";

const path = "/v1/logs";
/** https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/collector/logs/v1/logs_service.proto */
const method = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

export default defineSource({
  name: "otlp",
  summary:
    "Receives logs from OpenTelemetry SDKs and Collectors over OTLP (HTTP and gRPC), and answers once they are committed.",
  options: {
    ...httpServerOptions({ listen: "127.0.0.1:4318", max_body: "16MiB", max_receiving: "64MiB" }),
    grpc_listen: option.optional(
      addressOption(
        "Address and port to listen on for gRPC; the usual port is 4317. Without it, the source receives only HTTP.",
        {
          examples: ["127.0.0.1:4317"],
        },
      ),
    ),
  },
  notes: `
Point an SDK or a Collector at \`http://HOST:4318\`. SDKs and the Collector's \`otlphttp\` exporter append \`/v1/logs\`. The body is an
\`ExportLogsServiceRequest\` in protobuf (\`application/x-protobuf\`) or JSON (\`application/json\`), uncompressed or compressed with gzip,
deflate, br or zstd. The source does not support traces or metrics.

**gRPC.** With \`grpc_listen: 127.0.0.1:4317\`, the source also accepts calls of \`LogsService/Export\`, which the Collector's \`otlp\`
exporter and some SDKs use by default. \`tls\`, \`auth\` and the limits apply to gRPC too. \`max_receiving\` applies to HTTP and gRPC
together, \`max_connections\` to each of them. Messages can be compressed with gzip, deflate or zstd. Without \`tls\`, set \`tls: {
insecure: true }\` in the Collector. A connection can have 100 concurrent calls. All connections together can have 2,048, which clients
share equally. Calls to other services get UNIMPLEMENTED. A call that is not committed at its deadline (\`grpc-timeout\`) gets DEADLINE_EXCEEDED.
weir may commit its events all the same, so a client that sends them again can duplicate them. If a client does not read an answer for
\`idle_timeout\`, weir cancels the call. If it reads nothing at all, weir closes its connection.

\`\`\`yaml
# The Collector's configuration.
exporters: { otlp: { endpoint: 127.0.0.1:4317, tls: { insecure: true } } }
\`\`\`

Each log record becomes an **event**:

| field | from |
| --- | --- |
| \`@timestamp\` | \`time_unix_nano\`, or \`observed_time_unix_nano\` if it is not set; with nanoseconds if there are any |
| \`observed_timestamp\` | \`observed_time_unix_nano\` |
| \`message\` | \`body\`, if it is a string |
| \`body\` | \`body\`, if it is not a string |
| \`log.level\`, \`severity_text\` | \`severity_text\` |
| \`severity_number\` | \`severity_number\`; 0 if the record has only \`severity_text\` |
| \`trace.id\`, \`span.id\` | the ids in hexadecimal; an id of only zeros is left out |
| \`attributes\` | one member per attribute, under its full name: \`{"http.method": "GET"}\` |
| \`flags\`, \`event_name\`, \`dropped_attributes_count\` | the fields of the same name |
| \`resource\` | \`attributes\`, \`dropped_attributes_count\`, \`schema_url\` |
| \`scope\` | \`name\`, \`version\`, \`attributes\`, \`dropped_attributes_count\`, \`schema_url\` |
| \`otlp\` | distinctions that JSON cannot express, see below |

Empty and zero values are left out. The names are those of Elastic's OpenTelemetry data streams, plus ECS's \`message\`, \`log.level\`,
\`trace.id\` and \`span.id\`. In queries, write \`attributes.http.method\` and \`resource.attributes.service.name\`.

Values keep their meaning: integers keep all 64 bits, bytes become base64, an empty value becomes \`null\`. \`otlp.bytes\` lists, as JSON Pointers
into the event, which values were bytes. \`otlp.doubles\` lists doubles without a fraction; \`"NaN"\`, \`"Infinity"\` and
\`"-Infinity"\` are strings. If a list has the same key more than once, its first value is in the usual place and the others are in \`otlp.repeated\`. With
these, the \`otlp\` sink sends exactly the same record again. \`invalid_text\` decides what happens to protobuf strings that are not
UTF-8. \`entity_refs\` of a resource, which are not stable yet, are dropped.

| answer | gRPC | when |
| --- | --- | --- |
| 200 | OK | The events are committed: they are on disk and will be delivered. The body is an \`ExportLogsServiceResponse\` in the request's encoding. A record with values nested more than 64 levels deep, or with more than 200,000 fields (50,000 attributes), goes to the dead letter, and counts as rejected in \`partial_success\`. |
| 400 | INVALID_ARGUMENT | weir cannot decode the body; or a resource or scope is beyond these limits; or JSON has more than 500,000 objects and arrays; or weir cannot process more than 1,000 of its records, and did not read the rest. |
| 401, 403, 404, 405, 408 | UNAUTHENTICATED, PERMISSION_DENIED, UNIMPLEMENTED, DEADLINE_EXCEEDED (408) | as for \`http_server\` |
| 413 | RESOURCE_EXHAUSTED | The body is larger than \`max_body\`; or its events, each with a copy of its resource, are more than four times that size. |
| 415 | UNIMPLEMENTED | The \`Content-Type\` or \`Content-Encoding\` is not supported. |
| 429, 503 | UNAVAILABLE | There is no room because sinks are slow; or weir is stopping. Both have \`Retry-After\`, or \`RetryInfo\` for gRPC, and clients send the request again. |

The body of an error is a \`google.rpc.Status\` with a message, in the request's encoding. Event ids are derived from the body, so a retried
request produces the same ids.
`,
  decoding: { framing: "newline", codec: "json" },
  listen(context, offer) {
    const route = (found: string) => {
      if (found === path) return { framing: "newline", codec: "json" } as const;
      throw new Refusal(404, `There is nothing at "${found.slice(0, 200)}". weir accepts only logs, at ${path}.`);
    };
    const { grpc_listen: listen } = context.config;
    const grpc = listen === undefined ? undefined : { listen, method, path, type: otlpTypes.protobuf };
    return listenHttp(context, offer, route, otlpProtocol(context.config), grpc);
  },
});
