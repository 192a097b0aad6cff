import type { Random } from "../../kill/random.ts";

export const start = Date.UTC(2026, 10, 1);

/** A read of a secret, as an API server writes it down, by somebody that the number stands for. */
export const readOf = (id: string, combination: number, at: number): string => {
  const time = new Date(at).toISOString();
  return JSON.stringify({
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: id,
    stage: "ResponseComplete",
    requestURI: "/api/v1/namespaces/shop/secrets/key",
    verb: "get",
    user: { username: `user-${combination % 7}`, groups: ["system:authenticated"] },
    sourceIPs: [`10.0.${combination % 23}.1`],
    userAgent: `tool-${combination}/1.0`,
    objectRef: { resource: "secrets", namespace: "shop", name: "key", apiVersion: "v1" },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: time,
    stageTimestamp: time,
  });
};

/** Who the combination is, as its alert names it. */
export const termsOf = (combination: number): string =>
  JSON.stringify([`10.0.${combination % 23}.1`, `user-${combination % 7}`, `tool-${combination}/1.0`]);

export interface Lines {
  /** For each collector. */
  readonly of: readonly (readonly string[])[];
  /** Those that two collectors get. */
  readonly shared: ReadonlySet<string>;
}

/** Each combination comes several times, to collectors by chance, within `span` milliseconds; some events come to two. */
export const linesFor = (
  random: Random,
  {
    events,
    combinations,
    collectors,
    from,
    span,
  }: Readonly<Record<"events" | "combinations" | "collectors" | "from" | "span", number>>,
): Lines => {
  const of = Array.from({ length: collectors }, (): string[] => []);
  const shared = new Set<string>();
  for (let n = 0; n < events; n++) {
    const id = `audit-${from}-${n}`;
    const combination = n < combinations ? n : random.between(0, combinations - 1);
    const line = readOf(id, combination, from + random.between(0, span));
    const first = random.between(0, collectors - 1);
    of[first]!.push(line);
    if (!random.chance(0.1)) continue;
    shared.add(id);
    of[(first + 1) % collectors]!.push(line);
  }
  return { of, shared };
};
