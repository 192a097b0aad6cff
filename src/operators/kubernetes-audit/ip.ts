import ipaddr from "ipaddr.js";

/** Whether text is an IP address as Elasticsearch reads it: no leading zeros in IPv4, no zone in IPv6. */
export const isIp = (value: unknown): value is string => {
  if (typeof value !== "string") return false;
  return value.includes(":") ? isIpv6(value) : isIpv4(value);
};

const isIpv6 = (text: string): boolean => {
  if (text.includes("%") || !ipaddr.IPv6.isValid(text)) return false;
  return !text.includes(".") || isIpv4(text.slice(text.lastIndexOf(":") + 1));
};

const isIpv4 = (text: string): boolean => {
  let dots = 0;
  let part = -1;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit === -2) {
      if (part === -1 || ++dots > 3) return false;
      part = -1;
    } else {
      if (digit < 0 || digit > 9 || part === 0) return false;
      part = part === -1 ? digit : part * 10 + digit;
      if (part > 255) return false;
    }
  }
  return dots === 3 && part !== -1;
};
