import type { FieldOrigin, Turning, TurningMember } from "weir/transform";
import { eventMembers } from "./shape.ts";

/** Types that can be read as text. Lists of them can, too, but are rare. */
const text: TurningMember = { types: ["string", "number", "boolean", "null"] };

/** An object, or nothing: text could be JSON, and anything else could not be indexed. */
const object: TurningMember = { types: ["object", "null"] };

/** What says whether a request was allowed, and what the document calls it: dots are replaced there. */
const decision = "authorization.k8s.io/decision";
const decided = "authorization_k8s_io/decision";

/** Names that become the same in the document. They are not there. */
const alike = [decided, "authorization.k8s_io/decision", "authorization_k8s.io/decision"];

/** Members that make a record another kind of envelope than one whose members are merged with those of the event. */
const ofOtherEnvelopes = ["items", "kubernetes", "k8s_audit_level", "openshift_audit_level"];

const typed: Readonly<Record<string, TurningMember>> = {
  auditID: { types: ["string"], isRequired: true },
  verb: { types: ["string"], isRequired: true },
  apiVersion: text,
  userAgent: text,
  user: { ...object, members: { username: text, uid: text } },
  objectRef: { ...object, members: { resource: text, name: text, namespace: text } },
  annotations: { ...object, members: Object.fromEntries(alike.map((name) => [name, { types: [] }])) },
  responseStatus: object,
  sourceIPs: { types: ["array", "null"] },
};

/** Fields of ECS that have the value of one member. */
const moved: Readonly<Record<string, readonly string[]>> = {
  "event.action": ["verb"],
  "user_agent.original": ["userAgent"],
  "user.name": ["user", "username"],
  "user.id": ["user", "uid"],
  "source.ip": ["sourceIPs"],
  "client.ip": ["sourceIPs"],
  "orchestrator.api_version": ["apiVersion"],
  "orchestrator.resource.type": ["objectRef", "resource"],
  "orchestrator.resource.name": ["objectRef", "name"],
  "orchestrator.namespace": ["objectRef", "namespace"],
  [`kubernetes.audit.annotations.${decided}`]: ["annotations", decision],
};

/** Names of members are changed, or members are taken out. */
const rewritten: ReadonlySet<string> = new Set(["annotations", "requestObject", "responseObject"]);

/** Fields that depend on the time, on several members, or on whether there are members that a shipper added. */
const isVarying = (path: string): boolean =>
  ["@timestamp", "event.ingested", "host", "host.name"].includes(path) || path.startsWith("related");

/** Members of an event that may also be in an envelope around it, where they are not the event's. */
const ofEnvelopes: ReadonlySet<string> = new Set(["kind", "apiVersion"]);

/** The member of a shipper from which a field is, or may be if the event does not have it: a document has both. */
const addedAs = (path: string): string | undefined => {
  // Of an `event` that a shipper adds, the document keeps all but the action; a name with a dot is another member.
  if (path === "event.action") return path;
  const [name = ""] = path.split(".");
  return eventMembers.has(name) && !ofEnvelopes.has(name) ? undefined : name;
};

const audit = "kubernetes.audit.";

/** The result for an audit event, alone or with members added by a shipper: see `toDocument`. */
export const turning: Turning = {
  members: Object.fromEntries([
    ...[...eventMembers].map((name) => [name, typed[name] ?? {}]),
    ...ofOtherEnvelopes.map((name) => [name, { types: [] }]),
  ]),
  hasOthers: true,
  takesText: true,
  // Only the time of the document is another one.
  takesContainerLines: true,
  // Fluent Bit and Docker. In the items of a list, `kind` and `apiVersion` are those of the list.
  takesEnvelope: { text: "log", beside: ["date", "time", "@timestamp", "stream", "kind", "apiVersion"] },
  sample: { auditID: "0", verb: "get" },
  field: (path): FieldOrigin | undefined => {
    const from = Object.hasOwn(moved, path) ? moved[path] : undefined;
    const unless = addedAs(path);
    if (from && !path.startsWith(audit)) return { from, asIs: from[0] !== "sourceIPs", ...(unless && { unless }) };
    if (from) return { from, asIs: true };
    if (path !== "kubernetes.audit" && !path.startsWith(audit))
      return isVarying(path) ? undefined : unless === undefined ? "fixed" : { unless };
    const below = path.slice(audit.length).split(".");
    const [member = ""] = below;
    if (!eventMembers.has(member)) return undefined;
    if (!rewritten.has(member)) return { from: below, asIs: true };
    const isKept = member !== "annotations" && below.length > 1 && below[1] !== "metadata";
    return isKept ? { from: below, asIs: true } : undefined;
  },
};
