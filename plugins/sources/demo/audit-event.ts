/** The user of a request, as kube-apiserver sees it. */
export interface Caller {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** A request to the API, without the fields that kube-apiserver adds to every audit event. */
export interface ApiRequest {
  readonly caller: Caller;
  /** The user that the caller impersonates. */
  readonly impersonated?: Pick<Caller, "username" | "groups">;
  /** Some clients do not send one. */
  readonly agent?: string;
  readonly from: readonly string[];
  readonly verb: string;
  readonly resource: string;
  readonly group?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly parameters?: string;
  readonly code: number;
  readonly stage?: "RequestReceived" | "ResponseStarted" | "ResponseComplete";
  readonly body?: Readonly<Record<string, unknown>>;
}

/** When kube-apiserver received the request and when it wrote the event: RFC 3339 with microseconds. */
export interface Times {
  readonly received: string;
  readonly staged: string;
}

/** The audit event of a request as one line of JSON, with the field order and escapes of kube-apiserver. */
export const auditLine = (request: ApiRequest, auditID: string, { received, staged }: Times): string => {
  const { caller, impersonated, agent, from, verb, code, stage = "ResponseComplete", body } = request;
  const hasResponse = stage !== "RequestReceived";
  return goJson({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: body ? "Request" : "Metadata",
    auditID,
    stage,
    requestURI: uriOf(request),
    verb,
    user: caller,
    ...(impersonated && { impersonatedUser: impersonated }),
    sourceIPs: from,
    ...(agent && { userAgent: agent }),
    objectRef: objectOf(request),
    ...(hasResponse && { responseStatus: statusOf(code) }),
    ...(body && { requestObject: body }),
    requestReceivedTimestamp: received,
    stageTimestamp: staged,
    ...(hasResponse && { annotations: annotationsOf(request) }),
  });
};

const objectOf = ({ resource, namespace, name, group, subresource }: ApiRequest) => ({
  resource,
  ...(namespace && { namespace }),
  ...(name && { name }),
  ...(group && { apiGroup: group }),
  apiVersion: "v1",
  ...(subresource && { subresource }),
});

const uriOf = ({ group, namespace, resource, name, subresource, parameters }: ApiRequest): string => {
  const start = group ? `/apis/${group}/v1` : "/api/v1";
  const scope = namespace ? `/namespaces/${namespace}` : "";
  const path = `${start}${scope}/${resource}${name ? `/${name}` : ""}${subresource ? `/${subresource}` : ""}`;
  return parameters ? `${path}?${parameters}` : path;
};

const statusOf = (code: number) =>
  code === 403
    ? { metadata: {}, status: "Failure", reason: "Forbidden", code }
    : code === 404
      ? { metadata: {}, status: "Failure", reason: "NotFound", code }
      : { metadata: {}, code };

const annotationsOf = ({ caller, code, resource }: ApiRequest) => {
  if (code === 403) return { "authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": "" };
  const [, , namespace, account] = caller.username.split(":");
  const reason =
    namespace && account
      ? `RBAC: allowed by ClusterRoleBinding "${account}-${resource}" of ClusterRole "${account}" to ServiceAccount "${account}/${namespace}"`
      : "";
  return { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": reason };
};

/** Kubernetes' time format, from milliseconds since 1970 and the microseconds beyond them. */
export const microTime = (time: number, micros: number): string =>
  `${new Date(time).toISOString().slice(0, -1)}${String(micros).padStart(3, "0")}Z`;

/** Go's encoder escapes these characters, so that the JSON is safe inside HTML. */
const escapes: Readonly<Record<string, string>> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };
const goJson = (value: unknown): string => JSON.stringify(value).replace(/[<>&]/g, (character) => escapes[character]!);
