import { isIPv6 } from "node:net";

/** Which connections count as those of one client: those of an IPv4 address, or of an IPv6 network of 64 bits. */
export const clientOf = (address: string | undefined): string => {
  if (address === undefined) return "";
  if (!address.includes(":")) return address;
  const v4 = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  if (v4 !== undefined) return v4;
  return isIPv6(address) ? networkOf(address) : address;
};

/** The first four groups of an address. */
const networkOf = (address: string): string => {
  const [head = "", tail] = address.split("%", 1)[0]!.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    while (groups.length + after.length < 8) groups.push("0");
    groups.push(...after);
  }
  return `${groups.slice(0, 4).join(":").toLowerCase()}::/64`;
};
