import type { Data } from "weir";
import { compilePath, isIp, isObject } from "weir/fields";
import { cleanAudit } from "./clean.ts";
import { type Numbers, prune, put } from "./prune.ts";
import { objectAt, textAt } from "./typed.ts";

/** What the envelopes around an audit event add to it. */
export interface EnvelopeContext {
  /** The envelope's time of the record, as ISO text. */
  readonly timestamp?: string;
  /** Members beside the event that stay at the top level of the document. */
  readonly fields?: Data;
  /** Members beside the event that go under `kubernetes.audit` with it. */
  readonly beside?: Data;
  /** In Elastic's own setup, this envelope reaches the ingest pipeline with dots in the names of annotations. */
  readonly decides?: boolean;
}

/** Where the log is from, for events that do not say it. Documents share these objects. */
export interface Origin {
  readonly cluster?: { readonly name: string } | undefined;
  readonly host?: { readonly name: string } | undefined;
  /** The host of a log without any envelope, which is from this machine unless it is said to be from another. */
  readonly bareHost?: { readonly name: string } | undefined;
  /** The name of the machine that weir itself adds to lines. It is no envelope's. */
  readonly machine?: string | undefined;
}

const dataset = "kubernetes.audit_logs";
const dataStream = { type: "logs", dataset, namespace: "default" } as const;

/**
 * The ECS document of an audit event (`audit.k8s.io`), as Elastic's Kubernetes integration indexes it, with the audit
 * event itself under `kubernetes.audit`. `ingested` is in milliseconds since 1970. As in the integration, `event.outcome`
 * is set only if the envelope `decides`: the agent that reads log files renames the annotation with the decision before
 * the pipeline looks for it.
 * @throws RejectError for a field whose JSON type Elasticsearch could not index.
 */
export const toDocument = (
  event: Data,
  context: EnvelopeContext,
  ingested: number,
  origin: Origin = {},
  numbers: Numbers = { areInDoubt: false },
): Data => {
  const audit = cleanAudit(event, numbers);
  const user = objectAt(audit, "user");
  const object = objectAt(audit, "objectRef");
  objectAt(audit, "annotations");
  const agent = textAt(audit, "userAgent");
  const ips = addresses(event["sourceIPs"]);
  const stamp = isoTime(ingested);

  const document: Record<string, unknown> = {
    "@timestamp": context.timestamp ?? stamp,
    data_stream: dataStream,
    event: describe(event, audit, context, stamp),
    kubernetes: { audit: context.beside ? prune({ ...audit, ...context.beside }, numbers) : audit },
    orchestrator: orchestrator(audit, object, clusterOf(context, origin)),
  };
  const host = context.fields === undefined ? origin.bareHost : hostOf(context.fields, origin);
  if (host !== undefined) document["host"] = host;
  if (user) addUser(document, user);
  if (agent !== undefined) document["user_agent"] = { original: agent };
  if (ips) {
    document["source"] = { ip: ips };
    document["client"] = { ip: ips };
  }
  const related = relatedTo(user, ips);
  if (related) document["related"] = related;
  return context.fields ? beside(document, context.fields, numbers) : document;
};

const describe = (event: Data, audit: Data, { decides }: EnvelopeContext, stamp: string) => {
  const action = textAt(audit, "verb");
  const outcome = decides ? outcomeOf(event["annotations"]) : undefined;
  if (action === undefined) return { kind: "event", dataset, ingested: stamp, ...(outcome && { outcome }) };
  return outcome
    ? { kind: "event", action, dataset, ingested: stamp, outcome }
    : { kind: "event", action, dataset, ingested: stamp };
};

const outcomeOf = (annotations: unknown): string | undefined => {
  const decision = isObject(annotations) ? annotations["authorization.k8s.io/decision"] : undefined;
  return decision === "allow" ? "success" : decision === "forbid" ? "failure" : undefined;
};

/** What an envelope says about a host is about the one whose log it is, so nothing is added to it. */
const hostOf = (fields: Data, { host, bareHost, machine }: Origin): Origin["host"] => {
  const { host: named } = fields;
  if (machine !== undefined && isObject(named) && named["name"] === machine) return bareHost;
  return Object.keys(fields).some((key) => key === "host" || key.startsWith("host.")) ? undefined : host;
};

const clusterOf = ({ fields }: EnvelopeContext, { cluster }: Origin): Origin["cluster"] =>
  cluster !== undefined && fields !== undefined && clusterNames.some(fields, () => true) ? undefined : cluster;

const clusterNames = compilePath("orchestrator.cluster.name");

const orchestrator = (audit: Data, object: Data | undefined, cluster: Origin["cluster"]) => {
  const result: Record<string, unknown> = { type: "kubernetes" };
  if (cluster !== undefined) result["cluster"] = cluster;
  const version = textAt(audit, "apiVersion");
  if (version !== undefined) result["api_version"] = version;
  if (!object) return result;
  const type = textAt(object, "resource", "objectRef");
  const name = textAt(object, "name", "objectRef");
  const namespace = textAt(object, "namespace", "objectRef");
  if (namespace !== undefined) result["namespace"] = namespace;
  if (type !== undefined && name !== undefined) result["resource"] = { type, name };
  else if (type !== undefined) result["resource"] = { type };
  else if (name !== undefined) result["resource"] = { name };
  return result;
};

const addUser = (document: Record<string, unknown>, user: Data): void => {
  const name = textAt(user, "username", "user");
  const id = textAt(user, "uid", "user");
  if (name !== undefined && id !== undefined) document["user"] = { name, id };
  else if (name !== undefined) document["user"] = { name };
  else if (id !== undefined) document["user"] = { id };
};

const relatedTo = (user: Data | undefined, ips: readonly string[] | undefined) => {
  const users = user ? distinct([...list(user["uid"]), ...list(user["username"])]) : [];
  if (users.length > 0) return ips ? { user: users, ip: distinct(ips) } : { user: users };
  return ips && { ip: distinct(ips) };
};

const list = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value.flat(Infinity) : [value];

const distinct = (values: readonly unknown[]): readonly unknown[] => {
  if (values.length < 2 || (values.length === 2 && values[0] !== values[1])) return values;
  const found = new Set(values);
  return found.size === values.length ? values : [...found];
};

/** If one element is not an address, the event gets none at all, as in Elastic's pipeline. */
const addresses = (value: unknown): readonly string[] | undefined => {
  if (!Array.isArray(value)) return isIp(value) ? [value] : undefined;
  return value.length > 0 && value.every(isIp) ? value : undefined;
};

/** Adds the members of the envelope to the document. If both have a member, the document's is kept. The document is pruned. */
const beside = (document: Record<string, unknown>, envelope: Data, numbers: Numbers): Data => {
  const fields = (prune(envelope, numbers) ?? {}) as Data;
  const merged: Record<string, unknown> = {};
  for (const key in document) {
    const own = document[key];
    put(merged, key, isObject(own) && isObject(fields[key]) ? { ...fields[key], ...own } : own);
  }
  const stream = fields["data_stream"];
  if (isObject(stream)) merged["data_stream"] = { ...dataStream, ...stream, dataset };
  for (const key in fields) if (!Object.hasOwn(merged, key)) put(merged, key, fields[key]);
  return merged;
};

/** Events of one reading have the same timestamp, so the last text is reused. */
let lastTime = Number.NaN;
let lastText = "";
const isoTime = (time: number): string => {
  if (time !== lastTime) {
    lastText = new Date(time).toISOString();
    lastTime = time;
  }
  return lastText;
};
