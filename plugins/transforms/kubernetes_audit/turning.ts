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

/** Fields that depend on the time, or on several members. All others are in no document, or the same in all. */
const isVarying = (path: string): boolean =>
  path === "@timestamp" || path === "event.ingested" || path.startsWith("related");

const audit = "kubernetes.audit.";

/** What becomes of a bare audit event: see `toDocument`. Envelopes have other members, so they are not bare events. */
export const turning: Turning = {
  members: Object.fromEntries([...eventMembers].map((name) => [name, typed[name] ?? {}])),
  hasOthers: false,
  takesText: true,
  // Only the time of the document is another one.
  takesContainerLines: true,
  sample: { auditID: "0", verb: "get" },
  field: (path): FieldOrigin | undefined => {
    const from = Object.hasOwn(moved, path) ? moved[path] : undefined;
    if (from) return { from, asIs: from[0] !== "sourceIPs" };
    if (path !== "kubernetes.audit" && !path.startsWith(audit)) return isVarying(path) ? undefined : "fixed";
    const below = path.slice(audit.length).split(".");
    const [member = ""] = below;
    if (!eventMembers.has(member)) return undefined;
    if (!rewritten.has(member)) return { from: below, asIs: true };
    const isKept = member !== "annotations" && below.length > 1 && below[1] !== "metadata";
    return isKept ? { from: below, asIs: true } : undefined;
  },
};
