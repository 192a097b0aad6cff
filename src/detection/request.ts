import { compilePath, type Scalar } from "../fields/path.ts";
import { fieldValues } from "../fields/values.ts";
import type { Data } from "../json.ts";
import { parseTime } from "./event-time.ts";

/** What an event says about the request that it reports, in words for people. Each is left out if it is not known. */
export interface Request {
  /** When it was made, as ISO text. */
  readonly at?: string;
  /** The user that it was made as, if that is another than the one who made it (`kubectl --as`). */
  readonly as?: string;
  /** The machine whose log it is from. */
  readonly host?: string;
  /** The name of the cluster. */
  readonly cluster?: string;
  /** What it is about, with the subresource: `pods/exec`. */
  readonly resource?: string;
  /** Whether it was allowed, with the HTTP status, such as `denied (403)`. */
  readonly result?: string;
  /** The same as `event.outcome` of ECS, if the status says it. */
  readonly outcome?: "success" | "failure";
}

/** The values of the first field that has some: not every shipper writes the fields of ECS. */
export const oneOf = (...fields: readonly string[]) => {
  const readers = fields.map((field) => fieldValues(field));
  return (data: Data): readonly string[] => {
    for (const read of readers) {
      const values = read(data);
      if (values.length > 0) return values;
    }
    return [];
  };
};

const kinds = oneOf("orchestrator.resource.type", "kubernetes.audit.objectRef.resource");
const subresource = fieldValues("kubernetes.audit.objectRef.subresource");

/** The kinds of resources that an event is about; a single one with its subresource, as kubectl writes it: `pods/exec`. */
export const resourceOf = (data: Data): readonly string[] => {
  const found = kinds(data);
  const [kind, another] = found;
  const [below] = subresource(data);
  const isWhole = kind === undefined || another !== undefined || below === undefined || kind.includes("/");
  return isWhole ? found : [`${kind}/${below}`];
};

const audit = (field: string) => firstOf(`kubernetes.audit.${field}`);
const firstOf = (field: string) => {
  const { some } = compilePath(field);
  let found: string | undefined;
  const take = (value: Scalar): boolean => {
    found = String(value);
    return true;
  };
  return (data: Data): string | undefined => (some(data, take) ? found : undefined);
};

const partOf = (field: string, pattern: RegExp) => {
  const value = firstOf(field);
  return (data: Data): string | undefined => pattern.exec(value(data) ?? "")?.[1];
};

const received = audit("requestReceivedTimestamp");
const staged = audit("stageTimestamp");
const stage = audit("stage");
const impersonated = audit("impersonatedUser.username");
const code = audit("responseStatus.code");
const decision = audit("annotations.authorization_k8s_io/decision");
/** Some shippers have the name of the host as a text, and those of OpenTelemetry as an attribute. */
const hosts = ["host.name", "host", "resource.attributes.host.name"].map(firstOf);

/** Where a cloud has no field for the name of a cluster, another one contains it. */
const clusters: readonly ((data: Data) => string | undefined)[] = [
  firstOf("orchestrator.cluster.name"),
  firstOf("resource.attributes.k8s.cluster.name"),
  partOf("aws.cloudwatch.log_group", /^\/aws\/eks\/([^/]+)\/cluster$/),
  partOf("kubernetes.audit.aks_metadata.resource_id", /\/managedclusters\/([^/]+)$/i),
];

const firstIn = (data: Data, readers: readonly ((data: Data) => string | undefined)[]): string | undefined => {
  for (const read of readers) {
    const value = read(data);
    if (value !== undefined) return value;
  }
  return undefined;
};

/** Reads what an alert says about a request from an audit event of Kubernetes. Of another event: only host, cluster and resource. */
export const requestOf = (data: Data): Request => {
  const at = timeOf(data);
  const as = impersonated(data);
  const host = firstIn(data, hosts);
  const cluster = firstIn(data, clusters);
  const [resource] = resourceOf(data);
  return {
    ...(at !== undefined && { at }),
    ...(as !== undefined && { as }),
    ...(host !== undefined && { host }),
    ...(cluster !== undefined && { cluster }),
    ...(resource !== undefined && { resource }),
    ...resultOf(data),
  };
};

/** The earlier one. In audit events it is the first; in documents of GKE's entries, the first is that of their arrival. */
const timeOf = (data: Data): string | undefined => {
  const [first, second] = [parseTime(received(data)), parseTime(staged(data))];
  const time = first === undefined || second === undefined ? (first ?? second) : Math.min(first, second);
  return time === undefined ? undefined : new Date(time).toISOString();
};

/** No answer was sent yet. */
const unanswered = "RequestReceived";

const resultOf = (data: Data): Pick<Request, "result" | "outcome"> => {
  const status = statusOf(data);
  const decided = decision(data);
  if (status === undefined) {
    if (decided === "forbid") return { result: "denied", outcome: "failure" };
    if (decided === "allow") return { result: "allowed" };
    return stage(data) === unanswered ? { result: "not answered yet" } : {};
  }
  if (status < 400) return { result: `allowed (${status})`, outcome: "success" };
  if (status === 401 || status === 403) return { result: `denied (${status})`, outcome: "failure" };
  const failed = `failed (${status})`;
  return { result: decided === "allow" ? `allowed, but ${failed}` : failed, outcome: "failure" };
};

/** Only HTTP statuses: 0 stands for none, and GKE's entries have codes of gRPC. */
const statusOf = (data: Data): number | undefined => {
  const text = code(data);
  return text !== undefined && /^[1-5]\d\d$/.test(text) ? Number(text) : undefined;
};
