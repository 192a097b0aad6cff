import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What plugins may import, by entry of package.json: values and types, sorted. A change here is a change of the API. */
const doors: Readonly<Record<string, { readonly values: readonly string[]; readonly types: readonly string[] }>> = {
  ".": {
    values: [
      "Batch",
      "DeliveryError",
      "KqlError",
      "RecordMeta",
      "RejectError",
      "Seldom",
      "Template",
      "TemplateError",
      "andMore",
      "backoff",
      "backoffOption",
      "compileKql",
      "compilePath",
      "defineSink",
      "defineSource",
      "defineTransform",
      "detect",
      "fieldValues",
      "filterEvents",
      "fingerprint",
      "flatMapEvents",
      "kqlFilter",
      "kubernetesAudit",
      "mapEvents",
      "memoryState",
      "newTerms",
      "option",
      "systemClock",
      "templatePattern",
      "toAlert",
      "withData",
    ],
    types: [
      "AlertOptions",
      "Checkpoint",
      "Clock",
      "Config",
      "Data",
      "Delivery",
      "DetectOptions",
      "Event",
      "Failure",
      "Json",
      "KqlPredicate",
      "KubernetesAuditTools",
      "Log",
      "NewTerms",
      "NewTermsOptions",
      "Offer",
      "Option",
      "Options",
      "Outcome",
      "Plugin",
      "Reading",
      "Rule",
      "Sink",
      "SinkContext",
      "Source",
      "SourceContext",
      "Split",
      "State",
      "Term",
      "Transform",
      "TransformContext",
      "Writer",
    ],
  },
  "./http": {
    values: [
      "HeaderTemplates",
      "HttpClient",
      "Refusal",
      "UrlTemplate",
      "authorization",
      "clientAuthOption",
      "clientTlsOption",
      "encodings",
      "finalStatusesOption",
      "findRoute",
      "headerNameOption",
      "headersOption",
      "httpServerOptions",
      "httpWriter",
      "knownDecoding",
      "listenHttp",
      "nextLink",
      "requestHeadersOption",
      "retryAfter",
      "routesOption",
      "secretUrlOption",
      "urlOption",
      "urlTemplateOption",
      "wholeBody",
    ],
    types: ["Decoding", "HttpResponse"],
  },
  "./websocket": {
    values: [
      "Heartbeat",
      "MessageIntake",
      "MessageReception",
      "connectWebSocket",
      "openEnvelope",
      "serveWebSockets",
      "targetOf",
      "webSocketClientOptions",
      "webSocketServerOptions",
    ],
    types: ["ClientSocket", "WebSocketClientConfig", "WebSocketConnection"],
  },
};

/** The names that a file of `export { … } from "…"` statements lists. */
const listed = (text: string) => {
  const values: string[] = [];
  const types: string[] = [];
  for (const [, type, names = ""] of text.matchAll(/^export (type )?\{([^}]*)\} from "[^"]+";$/gm))
    for (const name of names.split(",").map((part) => part.trim())) {
      if (name.startsWith("type ") || (type && name)) types.push(name.replace(/^type /, ""));
      else if (name) values.push(name);
    }
  return { values: values.sort(), types: types.sort() };
};

const manifest = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as {
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
};
const sourceOf = (door: string) => readFileSync(`${root}/${manifest.exports[door]!["weir-source"]}`, "utf8");

describe.each(Object.keys(doors))("%s", (door) => {
  it("exports these names and no others", async () => {
    const text = sourceOf(door);
    expect(listed(text)).toEqual(doors[door]);
    expect(text.match(/\bexport \*/)).toBeNull();
  });

  it("resolves to a module with these values", async () => {
    const module: object = await import(door.replace(".", "weir"));
    expect(Object.keys(module).sort()).toEqual(doors[door]!.values);
  });

  it("has the same conditions as the other entries", () => {
    expect(Object.keys(manifest.exports[door]!)).toEqual(["weir-source", "types", "default"]);
  });
});

it("no name has two doors", () => {
  const all = Object.values(doors).flatMap(({ values, types }) => [...values, ...types]);
  expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
});
