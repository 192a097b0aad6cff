import fc from "fast-check";
import { describe, it } from "vitest";
import { cases } from "../fuzz/mutation.ts";
import { inEveryMode } from "./modes.ts";
import { allRules, filter, headline, shipped, sink, textOf } from "./pipelines.ts";
import { randomRules, randomSteps } from "./random-pipelines.ts";
import { bodiesFor, logs } from "./records.ts";

const { expectTheSame } = inEveryMode();

describe("every mode leaves the same behind:", () => {
  it.each(process.env["WEIR_LONG"] ? shipped : shipped.slice(0, 8))("%s", async (_name, pipeline) => {
    await fc.assert(
      fc.asyncProperty(logs, fc.nat({ max: 3 }), ({ sent, records }, source) =>
        expectTheSame({ pipeline, sent, source }, records),
      ),
      cases(1, 1),
    );
  });

  it.each([
    ["any rules and filters", randomRules],
    ["any steps, between filters", randomSteps],
  ])("%s", async (_name, pipelines) => {
    await fc.assert(
      fc.asyncProperty(pipelines, logs, (pipeline, { sent, records }) => expectTheSame({ pipeline, sent }, records)),
      cases(4, 15),
    );
  });

  const server = (type: string, more: string) => `sources: {in: {type: ${type}, listen: "127.0.0.1:0"${more}}}`;
  const requests = (by: "http" | "websocket", type: string, more: string, [what, ...rest]: readonly string[]) =>
    [`${type}${more}, ${what}`, by, textOf(server(type, more), ...rest)] as const;
  const filters = [
    `transforms: {a: ${filter("verb:list and objectRef.resource:secrets")}, b: ${filter("responseStatus.code >= 400")}}`,
    sink("a, b"),
  ];
  it.each([
    requests("http", "http_server", "", ["the headline rule", ...headline]),
    requests("http", "http_server", ", codec: text", ["the headline rule", ...headline]),
    requests("http", "http_server", ", split_items: always", ["filters", ...filters]),
    requests("http", "kubernetes_audit_webhook", "", ["all rules", ...allRules]),
    requests("websocket", "websocket_server", ", acknowledge: true", ["the headline rule", ...headline]),
    requests("websocket", "websocket_server", ", acknowledge: true, framing: newline, codec: text", [
      "all rules",
      ...allRules,
    ]),
    requests("websocket", "websocket_server", ", acknowledge: true, origin: always", ["filters", ...filters]),
  ])("%s", async (_name, by, pipeline) => {
    await fc.assert(
      fc.asyncProperty(bodiesFor(by), ({ sent, records }) => expectTheSame({ pipeline, sent }, records)),
      cases(1, 1),
    );
  });
});
