import { canonicalIp, compareIps, type Ip, parseIp, parseNetwork } from "../../fields/ip.ts";
import { type FieldTypes, mappingWith } from "../../fields/mappings.ts";
import { fieldValues } from "../../fields/values.ts";
import type { Data } from "../../json.ts";
import type { ExceptionEntry } from "./options.ts";

/** Whether one of a field's values is in a list. The values of a long list cost no more than those of a short one. */
export const inValueList = (
  field: string,
  { file: values, type }: NonNullable<ExceptionEntry["list"]>,
  types?: FieldTypes,
): ((data: Data) => boolean) => {
  if (type === "keyword") {
    const known = new Set(values);
    const read = fieldValues(field, mappingWith(field, types));
    return (data) => read(data).some((value) => known.has(value));
  }
  const read = fieldValues(field, "ip");
  if (type === "ip") {
    const known = new Set(values.map((value) => canonicalIp(value) ?? refuse(value, "an IP address")));
    return (data) => read(data).some((value) => known.has(value));
  }
  const ranges = joined(values.map((value) => rangeOf(value) ?? refuse(value, "a range of IP addresses")));
  return (data) => read(data).some((value) => isInRanges(parseIp(value)!, ranges));
};

const refuse = (value: string, wanted: string): never => {
  throw Object.assign(new Error(`the list has "${value}", which is not ${wanted}`), {
    hint: "Correct the list, or give it another type: keyword, ip or ip_range.",
  });
};

/** Both ends belong to it. */
type Range = readonly [first: Ip, last: Ip];

const rangeOf = (text: string): Range | undefined => {
  const network = parseNetwork(text);
  if (network) return [edgeOf(network.address, network.bits, 0), edgeOf(network.address, network.bits, 0xffff)];
  const [from = "", to = from, ...more] = text.split("-");
  const [first, last] = [parseIp(from.trim()), parseIp(to.trim())];
  return first && last && more.length === 0 && compareIps(first, last) <= 0 ? [first, last] : undefined;
};

/** The address with its first bits, and the other bits as in `fill`. */
const edgeOf = (address: Ip, bits: number, fill: 0 | 0xffff): Ip =>
  address.map((group, index) => {
    const free = Math.min(16, Math.max(0, (index + 1) * 16 - bits));
    const mask = (1 << free) - 1;
    return (group & ~mask) | (fill & mask);
  });

/** Sorted, and none touches another one. */
const joined = (ranges: readonly Range[]): readonly Range[] => {
  const sorted = ranges.toSorted(([a], [b]) => compareIps(a, b));
  const all: Range[] = [];
  for (const [first, last] of sorted) {
    const before = all.at(-1);
    if (!before || compareIps(before[1], first) < 0) all.push([first, last]);
    else if (compareIps(before[1], last) < 0) all[all.length - 1] = [before[0], last];
  }
  return all;
};

const isInRanges = (ip: Ip, ranges: readonly Range[]): boolean => {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareIps(ranges[middle]![1], ip) < 0) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length && compareIps(ranges[low]![0], ip) <= 0;
};
