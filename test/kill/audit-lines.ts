import { Random } from "./random.ts";

/** One of the logs that are written to: its lines follow from the seed, its realm and their number alone. */
export interface LogPlan {
  readonly seed: number;
  readonly source: string;
  /** Sources of one realm share their users, addresses and agents; those of two share none. */
  readonly realm: number;
}

/** Event time of line 0, and how far apart lines are, in milliseconds. Long ago, so that no stamp is ahead of the clock. */
const start = Date.UTC(2025, 0, 6);
export const apart = 5_000;
/** How far events are out of order at most, in milliseconds of event time. */
export const disorder = 2 * 3_600_000;

const resources = ["pods", "secrets", "configmaps", "secrets", "leases", "endpoints"];
const verbs = ["get", "list", "get", "watch", "list", "create", "get", "update"];

/** Line `number` of a log: an audit event, or now and then something else, for the dead letter. */
export const lineOf = (plan: LogPlan, number: number): string => {
  const random = new Random(plan.seed, plan.realm, plan.source.charCodeAt(0), number);
  return random.chance(0.01) ? strayLine(plan, number, random) : JSON.stringify(auditEvent(plan, number, random));
};

/** Whether the line is one for the dead letter. */
export const isStray = (plan: LogPlan, number: number): boolean => !lineOf(plan, number).startsWith('{"kind"');

/** What the dead letter must hold of it. */
export const strayMark = ({ source }: LogPlan, number: number): string => `stray-${source}-${number}-`;

const strayLine = (plan: LogPlan, number: number, random: Random): string => {
  const mark = strayMark(plan, number);
  const shapes = [`{"stage":"${mark}`, `{"note":"${mark}"}`, `["${mark}"]`, `${mark} is no JSON at all`];
  return shapes[random.between(0, shapes.length - 1)]!;
};

const auditEvent = (plan: LogPlan, number: number, random: Random) => {
  const { source, realm } = plan;
  const late = random.chance(0.1) ? random.between(0, disorder) : 0;
  const agent = agentOf(realm, number, random);
  const resource = resources[random.between(0, resources.length - 1)]!;
  return {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: `${source}-${number}`,
    stage: "ResponseComplete",
    verb: verbs[random.between(0, verbs.length - 1)]!,
    user: { username: userOf(realm, number, random) },
    sourceIPs: addressesOf(realm, number, random),
    ...(agent && { userAgent: agent }),
    objectRef: { resource, namespace: "orchard", apiVersion: "v1" },
    stageTimestamp: new Date(start + number * apart - late).toISOString(),
  };
};

const users = ["picker", "presser", "bottler", "carter", "grafter", "pruner", "cooper", "keeper"];
const userOf = (realm: number, number: number, random: Random): string =>
  random.chance(0.01) ? `visitor-${realm}-${number}` : `${random.skewed(users)}-${realm}`;

const agents = ["kubectl/v1.36.1", "press-operator/0.9", "curl/8.14", "helm/4.0", "mill/v0.0.0", "python/3.15"];
const agentOf = (realm: number, number: number, random: Random): string | undefined => {
  if (random.chance(0.04)) return undefined;
  if (random.chance(0.15)) return `stock-controller-${realm}/v0.0.0 (linux/arm64) kubernetes/$Format`;
  return random.chance(0.005) ? `probe-${realm}/${number}` : `${random.skewed(agents)} (realm ${realm})`;
};

/** Mostly one; with proxies a few; rarely more than weir looks at one by one. */
const addressesOf = (realm: number, number: number, random: Random): readonly string[] => {
  if (random.chance(0.0005))
    return Array.from({ length: 104 }, (_, index) => `172.${16 + realm}.${number % 250}.${index + 1}`);
  const count = random.chance(0.2) ? random.between(2, 4) : 1;
  const pool = Array.from({ length: 12 }, (_, index) => `10.${realm}.0.${index + 1}`);
  return [...new Set(Array.from({ length: count }, () => random.skewed(pool)))];
};
