/** What the oracle needs of an audit event (`audit.k8s.io/v1`). */
export interface AuditEvent {
  readonly auditID: string;
  readonly verb: string;
  readonly userAgent?: string;
  readonly user?: { readonly username?: string };
  readonly sourceIPs?: readonly string[];
  readonly objectRef?: { readonly resource?: string };
}

/** The event without what the oracle does not look at: bodies would only take memory. */
export const essence = ({ auditID, verb, userAgent, user, sourceIPs, objectRef }: AuditEvent): AuditEvent =>
  ({ auditID, verb, userAgent, user, sourceIPs, objectRef }) as AuditEvent;

/** weir takes objects and lists up to a depth of 512 as JSON, of 500 as an audit event. No body's depth is near these. */
const deepest = 512;

/** Whether an event, as JSON, is nested too deep, so that it goes to the dead letter. */
export const isTooDeep = (json: string): boolean => {
  let [depth, most] = [0, 0];
  for (const [bracket] of json.replace(/"(?:[^"\\]|\\.)*"/g, "").matchAll(/[[\]{}]/g)) {
    depth += bracket === "{" || bracket === "[" ? 1 : -1;
    most = Math.max(most, depth);
  }
  return most > deepest;
};

/** Something that alerts at its first sighting. Its terms are an address, a user and an agent, or nothing for a rest. */
export interface Combination {
  readonly key: string;
  readonly terms: readonly string[];
}

/** Elastic does not index text that is longer, in UTF-16 units. */
const longest = 1024;
/** Addresses beyond these make one more combination together: the whole list. */
const single = 100;

const indexed = (text: string | undefined): string | undefined =>
  text === undefined || text.length > longest ? undefined : text;

/**
 * The combinations of an event, as the rule "Kubernetes Secret Access via Unusual User Agent" is described: reads of
 * Secrets by get or list, with an agent that does not end in kubernetes/$Format. No combination is forgotten: the window
 * of seven days is longer than any run.
 */
export const combinationsOf = ({ verb, userAgent, user, sourceIPs = [], objectRef }: AuditEvent): Combination[] => {
  const [name, agent] = [indexed(user?.username), indexed(userAgent)];
  if (objectRef?.resource !== "secrets" || (verb !== "get" && verb !== "list")) return [];
  if (!name || !agent || agent.endsWith("kubernetes/$Format")) return [];
  const addresses = [...new Set(sourceIPs)];
  const found = addresses.slice(0, single).map((address) => {
    const terms = [address, name, agent];
    return { key: JSON.stringify(terms), terms };
  });
  if (addresses.length <= single) return found;
  return [...found, { key: JSON.stringify([addresses, name, agent]), terms: [] }];
};

/** An alert in one line of text: which event, and which terms. */
export const alertText = (auditID: string, terms: readonly string[]): string => `${auditID} ${JSON.stringify(terms)}`;

/** The alerts of events that come one after the other. */
export const expectedAlerts = (events: Iterable<AuditEvent>): string[] => {
  const known = new Set<string>();
  const alerts: string[] = [];
  for (const event of events)
    for (const { key, terms } of combinationsOf(event)) {
      if (known.has(key)) continue;
      known.add(key);
      alerts.push(alertText(event.auditID, terms));
    }
  return alerts;
};
