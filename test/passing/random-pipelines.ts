import fc from "fast-check";
import type { PipelineFiles } from "./pipeline-files.ts";
import { filter, ruleText, sink, source } from "./pipelines.ts";

/** Members with texts, and with numbers. */
const members = [
  ...["verb", "stage", "level", "auditID", "userAgent", "requestURI", "user.username", "user.groups"],
  ...["objectRef.resource", "objectRef.namespace", "objectRef.name", "objectRef.subresource", "none"],
  ...["annotations.authorization_k8s_io/decision"],
];
const numeric = ["responseStatus.code"];

/** Fields of records, and of what becomes of them. */
const ofAudit = (names: readonly string[]) => names.map((name) => `kubernetes.audit.${name}`);
const raw: Fields = {
  texts: [...members, "cluster", "stream", "log", "labels.x", "host.name", "process.name"],
  numbers: [...numeric, "odd"],
};
const ecs: Fields = {
  texts: [
    ...ofAudit(members),
    ...["user.name", "user_agent.original", "event.action", "event.dataset", "data_stream.dataset"],
    ...["orchestrator.resource.type", "process.name", "cluster", "host.name", "log", "labels.x"],
  ],
  numbers: ofAudit(numeric),
};

interface Fields {
  readonly texts: readonly string[];
  readonly numbers: readonly string[];
}

const word = fc.constantFrom(
  ...["get", "list", "watch", "create", "update", "delete", "GET", "secrets", "pods", "leases", "ResponseComplete"],
  ...["system:serviceaccount:kube-system:namespace-controller", "system:apiserver", "system:masters", "ada", "allow"],
  ...["kubernetes.audit_logs", "10.0.0.1", "203.0.113.7", "exec", "kube-system", "default", "stderr", "true", "7", "x"],
);
const pattern = fc.constantFrom(
  "kube*",
  "*secrets*",
  "system\\:*",
  "*",
  "*$Format",
  "g*t",
  "*controller*",
  "10.*",
  "s*",
);
const code = fc.constantFrom("200", "400", "403", "7", "1.5");

/** A query in KQL over such fields. */
const kqlOver = ({ texts, numbers }: Fields): fc.Arbitrary<string> => {
  const field = fc.constantFrom(...texts);
  const number = fc.constantFrom(...numbers);
  const value = fc.oneof({ weight: 3, arbitrary: word.map((text) => JSON.stringify(text)) }, pattern);
  const { query } = fc.letrec<{ query: string }>((tie) => ({
    query: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.tuple(field, value).map(([name, one]) => `${name}:${one}`),
      fc
        .tuple(field, fc.array(value, { minLength: 1, maxLength: 3 }))
        .map(([name, some]) => `${name}:(${some.join(" or ")})`),
      fc
        .tuple(number, fc.constantFrom(":", " > ", " >= ", " < ", " <= "), code)
        .map(([name, operator, one]) => `${name}${operator}${one}`),
      fc.constantFrom("source.ip:203.0.113.0/24", "user.groups:*masters", "source.ip:*"),
      fc.tuple(tie("query"), tie("query")).map(([a, b]) => `(${a} and ${b})`),
      fc.tuple(tie("query"), tie("query")).map(([a, b]) => `(${a} and ${b})`),
      fc.tuple(tie("query"), tie("query")).map(([a, b]) => `(${a} or ${b})`),
      tie("query").map((one) => `not (${one})`),
    ),
  }));
  return query;
};

const eqlField = fc.constantFrom(...ecs.texts.map((name) => name.replaceAll(/[^.]*[^\w.][^.]*/g, "`$&`")));
const texts = fc.array(
  fc.oneof(word, fc.constantFrom("*secrets*", "sys*", "?et")).map((text) => JSON.stringify(text)),
  {
    minLength: 1,
    maxLength: 3,
  },
);

/** Refuses an event in which both have many values. */
const ofTwoFields = fc
  .uniqueArray(fc.constantFrom("one", "other", "userAgent"), { minLength: 2, maxLength: 2 })
  .map((names) => `concat(${ofAudit(names)}) == "zz"`);

/** A condition in EQL. */
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.tuple(eqlField, word).map(([name, one]) => `?${name} == ${JSON.stringify(one)}`),
    fc
      .tuple(eqlField, fc.constantFrom(":", "like", "like~", "in", "in~", "not in"), texts)
      .map(([name, operator, some]) => `?${name} ${operator} (${some.join(", ")})`),
    fc.tuple(eqlField, fc.constantFrom("==", "!=")).map(([name, operator]) => `?${name} ${operator} null`),
    fc.constantFrom(
      "kubernetes.audit.responseStatus.code >= 400",
      'cidrMatch(source.ip, "203.0.113.0/24", "10.0.0.0/8")',
      'startsWith~(user.name, "SYSTEM:")',
      "length(user_agent.original) > 10",
      'endsWith(user.name, "r")',
      'stringContains~(kubernetes.audit.requestURI, "SECRETS")',
    ),
    fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => `(${a} and ${b})`),
    fc.tuple(tie("condition"), ofTwoFields, tie("condition")).map((all) => `(${all.join(" and ")})`),
    fc.tuple(tie("condition"), tie("condition")).map(([a, b]) => `(${a} or ${b})`),
    tie("condition").map((one) => `not (${one})`),
  ),
}));

const filtering = fc
  .tuple(fc.constantFrom("any", "any", "file", '"configuration"'), condition)
  .map(([category, one]) => `${category} where ${one}`);

const eql = fc.oneof(
  filtering,
  fc
    .tuple(
      fc.constantFrom("sequence by user.name with maxspan=5m", "sequence", "sample by user.name"),
      filtering,
      filtering,
    )
    .map(([head, a, b]) => `${head}${head === "sequence" ? " by source.ip with maxspan=1h" : ""} [${a}] [${b}]`),
);

/** The part of a rule that says what it looks for. */
const ruleBody: fc.Arbitrary<object> = fc.oneof(
  eql.map((query) => ({ type: "eql", query })),
  kqlOver(ecs).map((query) => ({ type: "query", query })),
  kqlOver(ecs).map((query) => ({
    type: "new_terms",
    query,
    new_terms: { fields: ["user.name", "kubernetes.audit.verb"], window: "7d" },
  })),
  kqlOver(ecs).map((query) => ({
    type: "threshold",
    query,
    threshold: { fields: ["user.name"], value: 2, window: "1h" },
  })),
);

const from = fc.constantFrom(...members, "responseStatus", "user", "objectRef", "log", "none");
const to = fc.constantFrom("kept.name", "verb", "user.name", "objectRef", "log", "new");
const given = fc.constantFrom<unknown>("x", 7, true, ["a", 1], { a: { b: "c" } });

/** A step of `remap`: most only set, copy, rename or remove, which can be done in the text of a record. */
const step: fc.Arbitrary<object> = fc
  .record({
    what: fc.oneof(
      { weight: 2, arbitrary: fc.tuple(to, given).map(([name, one]) => ({ set: { [name]: one } })) },
      {
        weight: 4,
        arbitrary: fc
          .tuple(fc.constantFrom("copy", "rename"), from, to)
          .map(([kind, one, other]) => ({ [kind]: { [one]: other } })),
      },
      { weight: 2, arbitrary: fc.array(from, { minLength: 1, maxLength: 3 }).map((remove) => ({ remove })) },
      { weight: 1, arbitrary: from.map((name) => ({ lowercase: [name] })) },
    ),
    onFailure: fc.constantFrom(undefined, undefined, "ignore"),
    where: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, kqlOver(raw)),
  })
  .map(({ what, onFailure, where }) => ({
    ...what,
    ...(onFailure && { on_failure: onFailure }),
    ...(where && { where }),
  }));

const codec = fc.constantFrom("json", "json", "text");
const origin = fc.constantFrom("", "", ", origin: always");

/** Filters and rules with any queries, on audit events. */
export const randomRules: fc.Arbitrary<PipelineFiles> = fc
  .record({
    codec,
    origin,
    filters: fc.array(kqlOver(ecs), { maxLength: 3 }),
    bodies: fc.array(ruleBody, { minLength: 1, maxLength: 6 }),
    direct: fc.option(kqlOver(raw), { nil: undefined }),
  })
  .map(({ codec, origin, filters, bodies, direct }) => {
    const rules = bodies.map((body, number) => [`rule_${number}.yaml`, ruleText(body, number)] as const);
    const own = [
      `rules: {type: detection, inputs: [ecs], rules: [${rules.map(([name]) => name)}]}`,
      ...filters.map((where, number) => `f${number}: ${filter(where, "ecs")}`),
      ...(direct === undefined || codec === "text" ? [] : [`direct: ${filter(direct)}`]),
    ];
    const ids = own.map((line) => line.slice(0, line.indexOf(":"))).join(", ");
    const text = [
      source(codec, origin),
      `transforms: {ecs: {type: kubernetes_audit, inputs: [in]}, ${own.join(", ")}}`,
      sink(ids),
    ];
    return { text: text.join("\n"), files: Object.fromEntries(rules) };
  });

/** Filters with any queries before and after steps that change events, some of them in the text of their records. */
export const randomSteps: fc.Arbitrary<PipelineFiles> = fc
  .record({
    origin,
    steps: fc.array(step, { minLength: 1, maxLength: 4 }),
    before: kqlOver(raw),
    after: kqlOver(raw),
  })
  .map(({ origin, steps, before, after }) => ({
    text: [
      source("json", origin),
      `transforms: {some: ${filter(before)}, edited: {type: remap, inputs: [some], steps: ${JSON.stringify(steps)}}, end: ${filter(after, "edited")}, all: {type: remap, inputs: [in], steps: ${JSON.stringify(steps)}}}`,
      sink("some, edited, end, all"),
    ].join("\n"),
  }));
