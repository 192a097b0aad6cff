import { defineSource, findRoute, httpServerOptions, listenHttp, routesOption } from "weir";

export default defineSource({
  name: "http_server",
  summary: "Takes events that clients POST, and answers 200 when they are committed.",
  options: {
    ...httpServerOptions({ listen: "127.0.0.1:8080", max_body: "16MiB", max_receiving: "64MiB" }),
    routes: routesOption,
  },
  notes: `
A body is read as its \`Content-Type\` says: \`application/json\` is an array of events, a Kubernetes list, or one event (see
\`split_items\`); \`application/x-ndjson\` and \`application/jsonl\` are an object a line; \`text/plain\` is an event a line, under
\`message\`. A route that says \`framing\` or \`codec\` reads every body so. Without a type, or with one that says nothing
(such as curl's own), \`framing\` and \`codec\` of the component decide. \`Content-Encoding\` may be gzip, deflate, br or zstd.

| answer | when |
| --- | --- |
| 200 | the events are committed: on disk, and sure to be delivered. An empty body is fine |
| 400 | the body as a whole is not what it says: no JSON, a broken gzip |
| 401, 403 | the token, the user or the client's certificate is not known; a good certificate bears another name |
| 404, 405, 415 | a path, method, type or encoding that is not taken |
| 408, 413 | it took too long to come in; it is longer than \`max_body\` |
| 429 | there is no room, as sinks are slow: said at once, with \`Retry-After: 1\` |
| 503 | weir is stopping |

What is wrong is said in a body of \`application/problem+json\`. After any answer but 200 the client may send the request
again, and should after 429 and 503. A request that is sent again has events of the same ids, which are made of the body:
two requests with the same body have the same ids too. A single record that cannot be read goes to the dead letter, and
the rest of its request goes on.

\`GET /healthz\` answers 200, to everybody, until weir stops.
`,
  decoding: { framing: "items", codec: "json" },
  listen: (context, offer) => listenHttp(context, offer, findRoute(context.config.routes)),
});
