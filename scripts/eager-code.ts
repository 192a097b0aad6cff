import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseAst } from "rolldown/parseAst";

/**
 * Rewrites what was built so that V8 compiles the functions that a start calls together with their module. Node keeps the code of a module
 * before it runs: of a function that is compiled when it is first called, it keeps nothing. V8 takes parentheses around a function for
 * a sign that it is called at once. There is no such sign for methods and async arrow functions.
 */
export const compileEagerly = (folder: string): void => {
  const inFolder = pathToFileURL(`${resolve(folder)}/`).href;
  for (const { url, functions } of coverageOfStart())
    if (url.startsWith(inFolder)) {
      const path = fileURLToPath(url);
      const called = functions.flatMap(({ ranges: [whole] }) => (whole && whole.count > 0 ? [whole.startOffset] : []));
      writeFileSync(path, inParentheses(readFileSync(path, "utf8"), new Set(called)));
    }
};

/** What `NODE_V8_COVERAGE` writes of a script: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-ScriptCoverage */
interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
  }[];
}

const pipeline = `
sources: { audit: { type: file, include: [audit.ndjson], follow: false } }
transforms:
  ecs: { type: kubernetes_audit, inputs: [audit] }
  detect: { type: detection, inputs: [ecs], rules: [kubernetes_secret_access_unusual_user_agent] }
sinks: { alerts: { type: file, inputs: [detect], path: alerts.ndjson } }
`;

/** An event that raises an alert. */
const event = {
  kind: "Event",
  apiVersion: "audit.k8s.io/v1",
  level: "Metadata",
  auditID: "bc2efd10-ce88-4be9-ae03-7b306c007aa6",
  stage: "ResponseComplete",
  requestURI: "/api/v1/namespaces/checkout/secrets/card",
  verb: "get",
  user: { username: "system:serviceaccount:checkout:web", groups: ["system:serviceaccounts", "system:authenticated"] },
  sourceIPs: ["10.20.0.11"],
  userAgent: "curl/8.5.0",
  objectRef: { resource: "secrets", namespace: "checkout", name: "card", apiVersion: "v1" },
  responseStatus: { metadata: {}, code: 200 },
  requestReceivedTimestamp: "2026-03-02T08:00:00.000205Z",
  stageTimestamp: "2026-03-02T08:00:00.016971Z",
  annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" },
};

/** The functions that a run with one event calls. */
const coverageOfStart = (): ScriptCoverage[] => {
  const folder = mkdtempSync(join(tmpdir(), "weir-build-"));
  try {
    writeFileSync(join(folder, "weir.yaml"), pipeline);
    writeFileSync(join(folder, "audit.ndjson"), `${JSON.stringify(event)}\n`);
    const coverage = join(folder, "coverage");
    const { status, stdout, stderr } = spawnSync(process.execPath, [resolve("bin/weir.js"), "run", "weir.yaml"], {
      cwd: folder,
      env: { ...process.env, NODE_V8_COVERAGE: coverage, NODE_DISABLE_COMPILE_CACHE: "1" },
      encoding: "utf8",
    });
    const alerts = status === 0 ? readFileSync(join(folder, "alerts.ndjson"), "utf8").split("\n").length - 1 : 0;
    if (alerts !== 1)
      throw new Error(`the run of what was built raised ${alerts} alerts instead of 1:\n${stdout}${stderr}`);
    return readdirSync(coverage).flatMap(
      (name) => (JSON.parse(readFileSync(join(coverage, name), "utf8")) as { result: ScriptCoverage[] }).result,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Puts functions that start at these offsets in parentheses, if they are expressions for which V8 heeds them. */
const inParentheses = (code: string, called: ReadonlySet<number>): string => {
  const marks: (readonly [at: number, mark: string])[] = [];
  visit(parseAst(code), (node, parent) => {
    if (!called.has(node.start) || !isExpression(node, parent)) return;
    marks.push([node.start, "("], [node.end, ")"]);
  });
  marks.sort(([a], [b]) => a - b);
  let [written, done] = ["", 0];
  for (const [at, mark] of marks) {
    written += code.slice(done, at) + mark;
    done = at;
  }
  return written + code.slice(done);
};

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly async?: boolean;
}

const isExpression = ({ type, async }: Node, parent: Node | undefined): boolean =>
  type === "ArrowFunctionExpression"
    ? async !== true
    : type === "FunctionExpression" && parent?.type !== "MethodDefinition" && parent?.type !== "Property";

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";

const visit = (node: Node, see: (node: Node, parent: Node | undefined) => void, parent?: Node): void => {
  see(node, parent);
  for (const value of Object.values(node))
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) visit(each, see, node);
};
