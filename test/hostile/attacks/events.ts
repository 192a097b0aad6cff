import { type Attack, attack, exchange, post } from "./connection.ts";

/** One audit event with so many addresses, which is what X-Forwarded-For of an anonymous request can do. */
export const floodEvent = (id: string, addresses: number): string =>
  JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: id,
    stage: "ResponseComplete",
    requestURI: "/api/v1/secrets",
    verb: "list",
    user: { username: "system:anonymous" },
    sourceIPs: Array.from({ length: addresses }, (_, n) => `1.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`),
    userAgent: `flood/${id}`,
    objectRef: { resource: "secrets", apiVersion: "v1" },
    responseStatus: { code: 403 },
    stageTimestamp: "2026-01-05T08:00:00.000000Z",
  });

const list = (items: string) =>
  post(Buffer.from(`{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[${items}]}`));

const alertFlood: Attack["run"] = ({ webhook }, round) =>
  exchange(webhook, list(floodEvent(`flood-${round}`, 85_000)), { patience: 20_000 });

/** A request object as deep as a PATCH of an attacker. */
const deepObject: Attack["run"] = ({ webhook }, round) => {
  const levels = 4_600 + (round % 7) * 1_000;
  const deep = `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
  const event = floodEvent(`deep-${round}`, 1).replace(/}$/, `,"requestObject":${deep}}`);
  return exchange(webhook, list(event), { patience: 20_000 });
};

/** Attacks with audit events. */
export const eventAttacks: Readonly<Record<string, Attack>> = {
  "alert floods": attack(alertFlood, 1, 5_000),
  "deep objects": attack(deepObject, 1, 1_000),
};
