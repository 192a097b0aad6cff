import { defineSource } from "weir";
import { findRoute, httpServerOptions, listenHttp, routesOption } from "weir/http";

export default defineSource({
  name: "http_server",
  summary: "Receives events that clients POST, and answers 200 when they are committed.",
  options: {
    ...httpServerOptions({ listen: "127.0.0.1:8080", max_body: "16MiB", max_receiving: "64MiB" }),
    routes: routesOption,
  },
  notes: `
weir reads a body by its \`Content-Type\`: \`application/json\` is an array of events, a Kubernetes list, or one event (see \`split_items\`);
\`application/x-ndjson\` and \`application/jsonl\` have one object per line; \`text/plain\` and \`text/csv\` have one event per line, which the
component's codec reads; if that is \`json\`, the line becomes \`message\`. A route with \`framing\` or \`codec\` overrides this. Without a type, or with a generic one (such as the default of
curl), \`framing\` and \`codec\` of the component apply. \`Content-Encoding\` may be gzip, deflate, br or zstd.

| answer | when |
| --- | --- |
| 200 | the events are committed: they are on disk and will be delivered. An empty body is allowed |
| 400 | the body does not match its headers: it is not JSON, or its gzip data is damaged; or more than 1,000 of its items are not events, and the rest was not read |
| 401, 403 | the token, user or client certificate is not valid; a valid certificate has the wrong name; a web page sent the request, see below |
| 404, 405, 415 | the path, method, type or encoding is not supported |
| 408, 413 | the request took too long to arrive, or stopped arriving while others needed its memory; the body is larger than \`max_body\` |
| 429 | there is no room because sinks are slow; sent at once, with \`Retry-After: 1\`. Or the requests of this client take more than its share of \`max_receiving\`, and others need it |
| 503 | weir is stopping |

Error responses explain the problem in a body of type \`application/problem+json\`. After any answer but 200 the client may send
the request again; after 429 and 503 it should. Event ids are derived from the body, so a request that is sent again produces
the same ids, and so do two requests with the same body. A single record that cannot be read goes to the dead letter; the rest
of its request continues.

A client, for \`max_receiving\` and \`max_connections\`, is an IPv4 address or an IPv6 network of 64 bits. Connections that are
closed because there are too many are counted as \`connection_limit\` in \`weir_component_refusals_total\`.

**Web pages.** A browser can be made to send requests to any address that it reaches, also on its own machine. So a request
with an \`Origin\` that \`origins\` does not list is refused with 403. When weir listens on a loopback address without TLS and
\`auth\`, the name in the \`Host\` header must be an IP address, a name without a dot such as \`localhost\`, or one of
\`hosts\`: this stops pages whose own name resolves to that address (DNS rebinding). List the name there if a proxy on the
same machine passes it on. Otherwise every name is accepted, unless \`hosts\` is set. API servers and agents send no
\`Origin\`. Pages of listed origins get the CORS headers that they need.

\`GET /healthz\` answers 200 until weir stops, without authentication.
`,
  decoding: { framing: "items", codec: "json" },
  listen: (context, offer) => listenHttp(context, offer, findRoute(context.config.routes)),
});
