import { canonicalIp, compareIps, type Ip, isWithin, parseIp, parseNetwork } from "../../fields/ip.ts";
import type { Scalar } from "../../fields/path.ts";
import { type Comparison, ordered, Unfit, type ValueTest } from "./comparison.ts";

const examples = 'Write an address such as 10.0.0.1 or "fe80::1", or a network such as 10.0.0.0/8.';

const ipOf = (value: Scalar): Ip | undefined => (typeof value === "string" ? parseIp(value) : undefined);

const test =
  (holds: (ip: Ip) => boolean): ValueTest =>
  (value) => {
    const ip = ipOf(value);
    return ip !== undefined && holds(ip);
  };

/** Compares addresses, not texts: IPv4 equals its IPv6 form, and a text that is not an address is no value. */
export const ip: Comparison = {
  exists: (value) => ipOf(value) !== undefined,
  equal(text) {
    const network = parseNetwork(text);
    if (network) return test((ip) => isWithin(ip, network));
    const wanted = canonicalIp(text);
    if (wanted === undefined) throw new Unfit("it is not an IP address", examples);
    return (value) =>
      value === wanted || (typeof value === "string" && value.includes(":") && canonicalIp(value) === wanted);
  },
  pattern() {
    throw new Unfit("IP addresses have no patterns", examples);
  },
  range(operator, text) {
    const limit = parseIp(text);
    if (!limit) throw new Unfit("it is not an IP address", 'Write an address such as 10.0.0.1 or "fe80::1".');
    const holds = ordered(operator);
    return test((ip) => holds(compareIps(ip, limit)));
  },
};
