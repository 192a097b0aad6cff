import { expect, it } from "vitest";
import { folderOf, weir } from "../pipeline-tests/weir-test.ts";

const shop = `
sources:
  access: { type: file, include: [access.log], origin: never }
transforms:
  shape:
    type: remap
    inputs: [access]
    steps:
      - grok: { field: message, patterns: ["%{IP:source.ip} %{WORD:http.request.method} %{NOTSPACE:url.path} %{INT:status:int}( %{GREEDYDATA:rest})?"] }
      - date: { field: rest, formats: [ISO8601] }
        on_failure:
          - set: { error.message: "no date: {{ rest:-none }}" }
      - drop: { where: "url.path:/healthz" }
      - uppercase: [http.request.method]
        where: "not http.request.method:GET"
      - remove: [message]
  clean: { type: redact, inputs: [shape], fields: [source.ip] }
  levels:
    type: route
    inputs: [clean]
    routes: { errors: "status >= 500", odd: "status < 200" }
    drop_outputs: [odd]
  known: { type: filter, inputs: [levels.unmatched], where: "url.path:*" }
  counts: { type: aggregate, inputs: [levels.errors], window: 1m, by: [url.path], values: { n: count } }
sinks:
  all: { type: file, inputs: [known], path: all.ndjson }
  pager: { type: file, inputs: [levels.errors, counts], path: pager.ndjson }
`;

const at = ["--at", "2026-01-01T00:00:10Z"];
const explain = (folder: string, ...args: readonly string[]) => weir(folder, "explain", "p.yaml", ...at, ...args);

it("shows each step of remap, where the event goes, and what arrives", async () => {
  const folder = folderOf({ "p.yaml": shop });
  const { code, out, error } = await explain(folder, "--line", "10.0.0.1 GET /cart 200 2026-01-01T00:00:00Z");
  expect({ code, error }).toEqual({ code: 0, error: "" });
  expect(out).toBe(`event 1 of 1  access/records@0

access  file
  + message "10.0.0.1 GET /cart 200 2026-01-01T00:00:00Z"

shape  remap
  1. grok message
    + source.ip "10.0.0.1"
    + http.request.method "GET"
    + url.path "/cart"
    + status 200
    + rest "2026-01-01T00:00:00Z"
  2. date rest
    + @timestamp "2026-01-01T00:00:00.000Z"
  3. drop where url.path:/healthz  unchanged
  4. uppercase http.request.method  where: not met
  5. remove message
    - message "10.0.0.1 GET /cart 200 2026-01-01T00:00:00Z"
  → to clean

clean  redact
  ~ source.ip "10.0.0.1" → "[redacted]"
  → to levels

levels  route
  unchanged → output unmatched to known

known  filter
  unchanged → to all

all  file
  {
    "source": {
      "ip": "[redacted]"
    },
    "http": {
      "request": {
        "method": "GET"
      }
    },
    "url": {
      "path": "/cart"
    },
    "status": 200,
    "rest": "2026-01-01T00:00:00Z",
    "@timestamp": "2026-01-01T00:00:00.000Z"
  }
`);
});

/** What is said of one component, without the other parts. */
const partOf = (out: string, component: string): string =>
  out.split("\n\n").find((part) => part.startsWith(`${component}  `)) ?? "";

it("shows failures and what is done about them, drops, rejections and outputs that are discarded", async () => {
  const folder = folderOf({ "p.yaml": shop });
  const of = async (line: string) => (await explain(folder, "--line", line)).out;
  expect(partOf(await of("10.0.0.1 POST /x 503 noon"), "shape")).toContain(`
  2. date rest  failed: "noon" fits none of the formats → on_failure: its steps
    1. set error.message: no date: {{ rest:-none }}
      + error.message "no date: noon"
`);
  expect(partOf(await of("10.0.0.1 GET /healthz 200"), "shape")).toMatch(/\n {2}dropped: remap$/);
  const odd = await of("nonsense");
  expect(partOf(odd, "shape")).toBe(`shape  remap
  1. grok message  failed: no pattern matches "nonsense" → on_failure: reject
  rejected: grok_failed: step 1 (grok): no pattern matches "nonsense"`);
  expect(odd).toMatch(/\n\narrives at no sink\n$/);
  expect(partOf(await of("10.0.0.1 GET /x 100"), "levels")).toBe(
    "levels  route\n  unchanged → output odd to nobody: drop_outputs discards it",
  );
});

it("shows what stays in state, and what comes of it when time passes", async () => {
  const folder = folderOf({ "p.yaml": shop });
  const lines = ["--line", "10.0.0.1 GET /x 503", "--line", "10.0.0.2 GET /x 500"];
  const { out } = await explain(folder, ...lines, "--advance", "1m");
  expect(partOf(out, "counts")).toBe(
    "counts  aggregate\n  ends here: aggregated\n  kept in state, until 2026-01-01T00:01:00.000Z (in 50s)",
  );
  const [, made] = out.split(/^made by /m);
  expect(made).toContain("counts at 2026-01-01T00:01:00.000Z");
  expect(made).toContain('  + url.path "/x"\n  + n 2');
  expect(made).toContain("\npager  file\n");
});

it("shows which rules match, and what a source cannot decode", async () => {
  const folder = folderOf({
    "p.yaml": `
sources: { audit: { type: file, include: [a.log], codec: json } }
transforms:
  ecs: { type: kubernetes_audit, inputs: [audit] }
  detect: { type: detection, inputs: [ecs], rules: [kubernetes_secret_access_unusual_user_agent] }
sinks: { alerts: { type: file, inputs: [detect], path: out } }
`,
  });
  const request = {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: "00000000-0000-4000-8000-000000000001",
    stage: "ResponseComplete",
    requestURI: "/api/v1/namespaces/shop/secrets/stripe-key",
    verb: "get",
    user: { username: "marta" },
    sourceIPs: ["10.8.3.21"],
    userAgent: "curl/8.9.1",
    objectRef: { resource: "secrets", namespace: "shop", name: "stripe-key", apiVersion: "v1" },
    stageTimestamp: "2026-01-01T00:00:00.000000Z",
  };
  const lines = [JSON.stringify(request), JSON.stringify({ ...request, verb: "create" }), "no JSON"];
  const { code, out } = await explain(folder, ...lines.flatMap((line) => ["--line", line]));
  expect(code).toBe(0);
  const [first = "", second = "", third = ""] = out.split(/^event \d of 3/m).slice(1);
  expect(partOf(first, "detect")).toContain("rule kubernetes_secret_access_unusual_user_agent  raises 1 alert\n");
  expect(partOf(second, "detect")).toMatch(/its query does not match\n {2}ends here: filtered/);
  expect(partOf(third, "audit")).toContain("rejected: not_json: the record is not JSON: Unexpected token");
});

it("shows a thousand events, and counts the others", async () => {
  const folder = folderOf({ "p.yaml": shop, "many.log": "x\n".repeat(1234) });
  const { code, out } = await explain(folder, "--event", "many.log", "--raw");
  expect(code).toBe(0);
  expect(out).toMatch(/\n\n… and 234 more events, not shown\n$/);
  const { out: json } = await explain(folder, "--event", "many.log", "--raw", "--json");
  expect(JSON.parse(json)).toMatchObject({ version: 1, not_shown: 234 });
});
