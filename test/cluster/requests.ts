import type { Random } from "../kill/random.ts";
import type { RawRequest } from "./client.ts";
import type { Identities, Identity } from "./identities.ts";
import { secretNames, shop } from "./objects.ts";

const pick = <T>(random: Random, values: readonly T[]): T => values[random.between(0, values.length - 1)]!;

/** Header values are sent as Latin-1: each character here becomes one byte of UTF-8. */
const utf8 = (text: string): string => Buffer.from(text).toString("latin1");

/** Agents at the edges of what counts: of length, of spelling, of what HTTP lets through. */
const oddAgents: readonly string[] = [
  "",
  "probe/v0 kubernetes/$Format",
  "probe/v0 kubernetes/$Format ",
  "kubernetes/$Format",
  "probe/v0 kubernetes/$Format/leader",
  "probe/v0 KUBERNETES/$FORMAT",
  "probe/v0 kubernetes/$format",
  "x".repeat(1024),
  "x".repeat(1025),
  `curl-${"y".repeat(5_000)}`,
  `${"z".repeat(1_100)} kubernetes/$Format`,
  utf8("é".repeat(512)),
  utf8("é".repeat(650)),
  utf8(`x${"é".repeat(650)}`),
  utf8("😀".repeat(300)),
  "caf\xe9/1",
  'we"ird\\agent* {a:b} <x>&',
  "tab\there",
  "  padded/1  ",
  "*",
  "null",
];

const agent = (random: Random, fresh: number): string | undefined => {
  const name = `tool-${random.between(Math.max(0, fresh - 30), fresh)}/1.${random.between(0, 1)}`;
  const roll = random.next();
  if (roll < 0.15) return pick(random, oddAgents);
  if (roll < 0.18) return undefined;
  if (roll < 0.25) return `${name} (linux/amd64) kubernetes/$Format`;
  return roll < 0.35 ? `${name} (linux/amd64) kubernetes/0123456` : name;
};

/** What proxies, honest and not, say of where a request comes from. */
const forwarded = (random: Random): Record<string, string | string[]> => {
  const n = () => random.between(0, 30);
  const lists = [
    `203.0.113.${n()}`,
    `203.0.113.${n()}, 2001:DB8::${n()}, ::ffff:198.51.100.${n()}, not-an-address, 1.2.3.4:80, fe80::1%eth0`,
    "127.0.0.1, 127.0.0.1",
    "unknown, _hidden",
    Array.from({ length: random.chance(0.1) ? 50 : 8 }, (_, index) => `10.9.8.${index}`).join(),
  ];
  const roll = random.next();
  if (roll < 0.8) return {};
  if (roll < 0.95) return { "X-Forwarded-For": pick(random, lists) };
  if (roll < 0.97) return { "X-Real-IP": `198.51.100.${n()}` };
  return { "X-Forwarded-For": [`203.0.113.${n()}`, `203.0.113.${n()}`], "X-Real-IP": `198.51.100.${n()}` };
};

const json = { "Content-Type": "application/json" };
const protobuf = { Accept: "application/vnd.kubernetes.protobuf" };

type What = Pick<RawRequest, "method" | "path" | "headers" | "body">;

/** Reads of Secrets, by all the spellings that the server takes, and requests that look like one. */
const what = (random: Random): What => {
  const namespace = pick(random, [shop, shop, "default", "kube-system", "nowhere"]);
  const list = `/api/v1/namespaces/${namespace}/secrets`;
  const name = pick(random, [...secretNames, "missing"]);
  const get = (path: string, headers = {}): What => ({ method: "GET", path, headers });
  const kinds: readonly (() => What)[] = [
    () => get(list),
    () => get(`${list}/${name}`),
    () => get(`${list}/${name}`),
    () => get("/api/v1/secrets?limit=2"),
    () => get(list, protobuf),
    () => get(`${list}?fieldSelector=metadata.name%3D${name}`),
    () => get(`${list}?limit=${pick(random, ["1", "abc", "-1"])}`),
    () => get(`${list}?watch=${pick(random, ["1", "true", "false"])}&timeoutSeconds=1`),
    () => get(`/api/v1/watch/namespaces/${shop}/secrets?timeoutSeconds=1`),
    () => get(`${list}/`),
    () => get(`/api/v1/namespaces/${namespace}/%73ecrets`),
    () => get(`//api/v1//namespaces/${namespace}/secrets`),
    () => get(`${list}/${name}/status`),
    () => get(`/apis/external-secrets.io/v1/namespaces/${namespace}/secrets/${name}`),
    () => get(`/api/v1/namespaces/${namespace}/configmaps`),
    () => get("/api/v1/pods"),
    () => get("/version"),
    () => ({ method: "HEAD", path: `${list}/${name}` }),
    () => ({ method: "POST", path: list, headers: json, body: `{"metadata":{"name":"${name}"}}` }),
    () => ({ method: "POST", path: list, headers: json, body: "{" }),
    () => ({ method: "PUT", path: `${list}/${name}`, headers: json, body: `{"metadata":{"name":"other"}}` }),
    () => ({ method: "DELETE", path: `/api/v1/namespaces/nowhere/secrets/${name}` }),
    () => ({ method: "OPTIONS", path: list }),
  ];
  // The first are the reads; long paths make the log grow.
  const chosen = random.chance(0.6) ? kinds[random.between(0, 6)]!() : pick(random, kinds)();
  if (chosen.method !== "GET" || !random.chance(0.25)) return chosen;
  const pad = `pad=${"p".repeat(random.between(4_000, 30_000))}`;
  return { ...chosen, path: `${chosen.path}${chosen.path.includes("?") ? "&" : "?"}${pad}` };
};

/** Who asks, and in whose name. */
const who = (random: Random, { users, proxy }: Identities, account: Identity): Identity => {
  const roll = random.next();
  if (roll < 0.08) {
    const name = pick(random, ["dora", "dora", "system:admin", "e".repeat(1_024), "f".repeat(1_025), "*"]);
    return { certificate: proxy, headers: { "X-Remote-User": name, "X-Remote-Extra-Scope": "view" } };
  }
  if (roll < 0.2) return account;
  const identity = pick(random, users);
  if (roll > 0.28) return identity;
  const headers = { "Impersonate-User": pick(random, ["carol", "bob", "nobody"]), "Impersonate-Group": "readers" };
  return { ...identity, headers: { ...identity.headers, ...headers } };
};

/** Who there is to ask. */
export interface Askers {
  readonly identities: Identities;
  readonly account: Identity;
}

/** Any request. `fresh` grows with time: agents up to this number exist. */
export const anyRequest = (random: Random, { identities, account }: Askers, fresh: number): RawRequest => {
  const userAgent = agent(random, fresh);
  const asked = what(random);
  const chosenId = random.chance(0.03) ? { "Audit-ID": `chosen-${random.between(0, 20)}` } : {};
  return {
    ...asked,
    who: who(random, identities, account),
    from: `127.0.0.${random.between(1, 6)}`,
    headers: {
      ...asked.headers,
      ...forwarded(random),
      ...chosenId,
      ...(userAgent !== undefined && { "User-Agent": userAgent }),
    },
  };
};

const deployments = `/apis/apps/v1/namespaces/${shop}/deployments`;

/** One anonymous read with very many addresses. At 75,000, its line is too long for a log of 1 MB; the webhook gets it. */
export const flood = (random: Random): RawRequest => {
  const [second, length] = [random.between(1, 250), pick(random, [101, 1_000, 20_000, 50_000, 75_000])];
  const addresses = Array.from({ length }, (_, index) => `11.${second}.${(index >> 8) & 255}.${index & 255}`);
  // Some lists are sent again, and one of them with another last address.
  if (random.chance(0.3)) addresses.push("192.0.2.1");
  const headers = { "X-Forwarded-For": addresses.join(), "User-Agent": `flood-${second}` };
  return { method: "GET", path: "/api/v1/secrets", who: {}, headers };
};

/** A patch that is refused, but recorded with its body, which is as deep as the server lets through. */
export const deepPatch = (random: Random, who: Identity): RawRequest => {
  const depth = pick(random, [50, 1_000, 4_500, 9_000, 9_990, 10_001]);
  const deep = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
  const body = random.chance(0.5) ? deep : `{"spec":{"replicas":${deep}}}`;
  const type = pick(random, ["merge-patch", "strategic-merge-patch", "json-patch"]);
  const headers = { "Content-Type": `application/${type}+json`, "User-Agent": `deep-${depth}` };
  return { method: "PATCH", path: `${deployments}/${pick(random, ["anchor", "missing"])}`, who, headers, body };
};

/** An object of some hundred KB, refused or only tried, and recorded whole. */
export const largePost = (random: Random, who: Identity): RawRequest => {
  const value = pick(random, ["v", "\u0001", "é", '"']).repeat(random.between(50_000, 120_000));
  const template = {
    metadata: { labels: { app: "large" } },
    spec: { containers: [{ name: "one", image: "none", env: [{ name: "LARGE", value }] }] },
  };
  const spec = { selector: { matchLabels: { app: random.chance(0.5) ? "large" : "other" } }, template };
  const body = JSON.stringify({ metadata: { name: "large" }, spec });
  return { method: "POST", path: `${deployments}?dryRun=All`, who, headers: json, body };
};
