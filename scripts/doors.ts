import type { Door } from "../src/reference/api-page.ts";

/** The modules of the package that others import, in the order of the reference page. */
export const doors: readonly Door[] = [
  { name: "weir", path: "src/index.d.ts", summary: "What every plugin needs, and what runs a pipeline in a program." },
  {
    name: "weir/fields",
    path: "src/fields/index.d.ts",
    summary: "Paths of fields, text with values of an event, kinds of JSON values, IP addresses.",
  },
  { name: "weir/kql", path: "src/kql/index.d.ts", summary: "KQL: compiling, parsing, formatting." },
  { name: "weir/eql", path: "src/eql/index.d.ts", summary: "EQL: compiling, parsing, formatting, searching." },
  { name: "weir/rxjs", path: "src/rxjs.d.ts", summary: "Transforms written as RxJS operators." },
  {
    name: "weir/transform",
    path: "src/transform/index.d.ts",
    summary: "Errors of options, and steps that `weir explain` shows.",
  },
  { name: "weir/detection", path: "src/detection/index.d.ts", summary: "Rules, rule types, new terms, alerts." },
  { name: "weir/http", path: "src/http/index.d.ts", summary: "HTTP servers and clients, with their options." },
  { name: "weir/sink", path: "src/sink/index.d.ts", summary: "For sinks that write each event once, or make metrics." },
  {
    name: "weir/socket",
    path: "src/socket/index.d.ts",
    summary: "Sockets that sources listen on and sinks write to: TCP, TLS, UDP, Unix.",
  },
  { name: "weir/command", path: "src/command/index.d.ts", summary: "Commands that sources and sinks run." },
  {
    name: "weir/websocket",
    path: "src/websocket/index.d.ts",
    summary: "WebSocket servers and clients, with their options.",
  },
  { name: "weir/kafka", path: "src/kafka/index.d.ts", summary: "Options and errors of clients of Kafka." },
  {
    name: "weir/otlp",
    path: "src/otlp/index.d.ts",
    summary: "OpenTelemetry's log records: in protobuf, in JSON, as events.",
  },
  { name: "weir/testing", path: "src/testing/index.d.ts", summary: "Tests of plugins." },
];
