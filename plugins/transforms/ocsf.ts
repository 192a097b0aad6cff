import { type Data, defineTransform, fieldValues, RejectError, withData } from "weir";
import { requestOf } from "weir/detection";
import { isObject, parseMoment } from "weir/fields";

/** The version of OCSF whose attributes these are. */
const version = "1.5.0";

const severities = new Map([
  ["low", 2],
  ["medium", 3],
  ["high", 4],
  ["critical", 5],
]);
const captions = ["Unknown", "Informational", "Low", "Medium", "High", "Critical"] as const;

/** OCSF has no empty texts. */
const first = (field: string) => {
  const values = fieldValues(field);
  return (data: Data): string | undefined => values(data).find((value) => value !== "");
};

const read = {
  uid: first("kibana.alert.uuid"),
  start: first("kibana.alert.start"),
  original: first("kibana.alert.original_time"),
  outcome: first("event.outcome"),
  counted: first("kibana.alert.threshold_result.from"),
  grouped: fieldValues("weir.eql.events.time"),
  reason: first("kibana.alert.reason"),
  severity: first("kibana.alert.severity"),
  risk: first("kibana.alert.risk_score"),
  block: first("kibana.alert.building_block_type"),
  ancestors: fieldValues("kibana.alert.ancestors.id"),
  rule: first("kibana.alert.rule.uuid"),
  title: first("kibana.alert.rule.name"),
  description: first("kibana.alert.rule.description"),
  note: first("kibana.alert.rule.note"),
  ruleVersion: first("kibana.alert.rule.version"),
  ruleType: first("kibana.alert.rule.type"),
  dataset: first("data_stream.dataset"),
  agent: first("agent.version"),
  user: first("user.name"),
  userId: first("user.id"),
  groups: fieldValues("kubernetes.audit.user.groups"),
  addresses: fieldValues("source.ip", "ip"),
  userAgent: first("user_agent.original"),
  action: first("event.action"),
  audit: first("kubernetes.audit.auditID"),
  code: first("kubernetes.audit.responseStatus.code"),
  resource: first("orchestrator.resource.name"),
  namespace: first("orchestrator.namespace"),
  cluster: first("orchestrator.cluster.name"),
};

export default defineTransform({
  name: "ocsf",
  summary: "Writes alerts as Detection Findings of OCSF.",
  options: {},
  notes: `Each alert of a \`detection\` transform becomes a Detection Finding (class 2004, activity Create) of OCSF ${version}, with the
id of the alert. The reason is its \`message\`; rule and techniques are under \`finding_info\`, who did what from where under \`evidences\`,
and what it was done to under \`resources\`. [schema/ocsf-detection-finding.json](../../../schema/ocsf-detection-finding.json) describes it all. Other fields of the event are left out. An event that is no alert goes to the dead letter
(\`no_alert\`).`,
  each: () => (event) => withData(event, findingOf(event.data)),
});

const findingOf = (data: Data): Data => {
  const uid = read.uid(data);
  const title = read.title(data);
  const time = timeOf(read.start(data));
  if (uid === undefined || title === undefined || time === undefined)
    throw new RejectError(
      "no_alert",
      'The event is no alert: it lacks "kibana.alert.uuid", "kibana.alert.rule.name" or "kibana.alert.start". Put a detection transform before this one.',
    );
  const severity = severities.get(read.severity(data) ?? "") ?? 0;
  const original = timeOf(read.original(data));
  const note = read.note(data) ?? "";
  const outside = given({ "orchestrator.cluster.name": read.cluster(data), "event.outcome": read.outcome(data) });
  const evidences = evidencesOf(data);
  return given({
    category_uid: 2,
    category_name: "Findings",
    class_uid: 2004,
    class_name: "Detection Finding",
    activity_id: 1,
    activity_name: "Create",
    type_uid: 200401,
    type_name: "Detection Finding: Create",
    time,
    start_time: earliest(data) ?? original,
    end_time: original,
    severity_id: severity,
    severity: captions[severity],
    status_id: 1,
    status: "New",
    is_alert: read.block(data) === undefined,
    message: read.reason(data),
    risk_score: rounded(numberOf(read.risk(data))),
    metadata: {
      version,
      uid,
      product: given({ name: "weir", vendor_name: "weir", version: read.agent(data) }),
    },
    finding_info: infoOf(data, { uid, title, time }),
    evidences,
    resources: resourcesOf(data),
    observables: evidences && some(observablesOf(data)),
    remediation: note === "" ? undefined : { desc: note },
    unmapped: Object.keys(outside).length > 0 ? outside : undefined,
  });
};

/** Without what is not known. */
const given = (members: Readonly<Record<string, unknown>>): Data =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

const some = <T>(items: readonly T[]): readonly T[] | undefined => (items.length > 0 ? items : undefined);

/** When the first of several events was, for an alert about them. */
const earliest = (data: Data): number | undefined => {
  const times = [read.counted(data), ...read.grouped(data)].map(timeOf).filter((time) => time !== undefined);
  return times.length > 0 ? times.reduce((least, time) => Math.min(least, time)) : undefined;
};

/** JSON has no negative zero. */
const rounded = (number: number | undefined): number | undefined =>
  number === undefined ? undefined : Math.round(number) + 0;

/** Milliseconds since 1970. */
const timeOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseMoment(text)?.at;

const numberOf = (text: string | undefined): number | undefined => {
  const number = Number(text);
  return text !== undefined && text !== "" && Number.isFinite(number) ? number : undefined;
};

const infoOf = (
  data: Data,
  { uid, title, time }: { readonly uid: string; readonly title: string; readonly time: number },
): Data => {
  const dataset = read.dataset(data);
  return given({
    uid,
    title,
    desc: read.description(data),
    created_time: time,
    analytic: given({
      type_id: 1,
      type: "Rule",
      uid: read.rule(data),
      name: title,
      category: read.ruleType(data),
      version: read.ruleVersion(data),
    }),
    attacks: some(attacksOf(data["kibana.alert.rule.threat"])),
    data_sources: dataset === undefined ? undefined : [dataset],
    related_events: some(read.ancestors(data).map((id) => ({ uid: id }))),
  });
};

/** An entry for each technique, or subtechnique if the rule names one; a tactic without techniques has one of its own. */
const attacksOf = (threats: unknown): readonly Data[] =>
  objectsIn(threats).flatMap(({ tactic, technique }) => {
    const techniques = objectsIn(technique);
    const parts = techniques.flatMap((each): Data[] => {
      const technique = named(each);
      if (!technique) return [];
      const subtechniques = objectsIn(each["subtechnique"]);
      if (subtechniques.length === 0) return [{ technique }];
      return subtechniques.map((part) => given({ technique, sub_technique: named(part) }));
    });
    const attacks = (parts.length > 0 ? parts : [{}]).map((part) => given({ tactic: named(tactic), ...part }));
    return attacks.filter((attack) => Object.keys(attack).length > 0);
  });

const objectsIn = (value: unknown): readonly Data[] => (Array.isArray(value) ? value.filter(isObject) : []);

const named = (value: unknown): Data | undefined => {
  if (!isObject(value)) return undefined;
  const text = (member: string) => (typeof value[member] === "string" ? value[member] : undefined);
  const [uid, name] = [text("id"), text("name")];
  return uid === undefined && name === undefined ? undefined : given({ uid, name, src_url: text("reference") });
};

const evidencesOf = (data: Data): readonly Data[] | undefined => {
  const user = read.user(data);
  const operation = read.action(data);
  const [ip, ...others] = read.addresses(data);
  const userAgent = read.userAgent(data);
  const audit = read.audit(data);
  const code = numberOf(read.code(data));
  const { as } = requestOf(data);
  const groups = some(read.groups(data).map((name) => ({ name })));
  const evidence = given({
    actor: user === undefined ? undefined : { user: given({ name: user, uid: read.userId(data), groups }) },
    api:
      operation === undefined
        ? undefined
        : given({
            operation,
            request: audit === undefined ? undefined : { uid: audit },
            response: Number.isSafeInteger(code) ? { code } : undefined,
          }),
    user: as === undefined ? undefined : { name: as },
    src_endpoint: ip === undefined ? undefined : given({ ip, intermediate_ips: some(others) }),
  });
  // A user agent alone is no evidence in OCSF.
  if (Object.keys(evidence).length === 0) return undefined;
  return [userAgent === undefined ? evidence : { ...evidence, http_request: { user_agent: userAgent } }];
};

const resourcesOf = (data: Data): readonly Data[] | undefined => {
  const resource = given({
    name: read.resource(data),
    type: requestOf(data).resource,
    namespace: read.namespace(data),
  });
  return Object.keys(resource).length > 0 ? [resource] : undefined;
};

const observablesOf = (data: Data): readonly Data[] => {
  const of = (name: string, type_id: number, type: string, value: string | undefined): readonly Data[] =>
    value === undefined ? [] : [{ name, type_id, type, value }];
  return [
    ...of("evidences[0].actor.user.name", 4, "User Name", read.user(data)),
    ...of("evidences[0].src_endpoint.ip", 2, "IP Address", read.addresses(data)[0]),
    ...of("evidences[0].http_request.user_agent", 16, "HTTP User-Agent", read.userAgent(data)),
  ];
};
