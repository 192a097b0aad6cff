import { isIP } from "node:net";

// biome-ignore lint/suspicious/noExplicitAny: raw JSON, looked at without any of weir's code.
type Raw = any;

/**
 * What the headline rule has to say to raw audit events in their order, all within its window: for each event the
 * combinations of source address, user and agent that none of the earlier ones had. Plain loops, no weir code.
 */
export const expectedVerdicts = (events: readonly Raw[]): readonly (readonly string[])[] => {
  const seen = new Set<string>();
  const verdicts: string[][] = [];
  for (const event of events) {
    const fresh: string[] = [];
    const agent = event.userAgent;
    const user = event.user?.username;
    const reads = event.verb === "get" || event.verb === "list";
    const text = (value: Raw) => typeof value === "string" && value !== "" && value.length <= 1024;
    if (event.objectRef?.resource === "secrets" && reads && text(agent) && text(user)) {
      if (!agent.endsWith("kubernetes/$Format")) {
        const before = new Set(seen);
        for (const address of addresses(event.sourceIPs)) {
          const combination = JSON.stringify([address, user, agent]);
          if (!before.has(combination) && !fresh.includes(combination)) fresh.push(combination);
          seen.add(combination);
        }
      }
    }
    verdicts.push(fresh.sort());
  }
  return verdicts;
};

const addresses = (list: Raw): string[] => {
  const found: string[] = [];
  for (const text of Array.isArray(list) ? list : []) {
    const version = isIP(text);
    if (version === 0) return [];
    found.push(version === 4 ? text : shortest(text));
  }
  return found;
};

/** IPv6 has many spellings; a URL holds the shortest. An IPv4 address in IPv6's clothes is that IPv4 address. */
const shortest = (text: string): string => {
  const host = new URL(`http://[${text}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(host);
  if (!mapped) return host;
  const [high, low] = [Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
};
