/** An address as eight 16-bit groups. IPv4 is `::ffff:a.b.c.d`, so that both of its forms are equal. */
export type Ip = readonly number[];

/** The addresses that share the first `bits` bits with `address`. */
export interface Network {
  readonly address: Ip;
  /** From 0 to 128. */
  readonly bits: number;
}

/**
 * Parses an address as strictly as Elasticsearch: four decimal numbers without leading zeros, or RFC 4291 text (also with
 * an IPv4 tail), without a zone. Anything else is `undefined`.
 */
export const parseIp = (text: string): Ip | undefined => (text.includes(":") ? parseV6(text) : parseV4(text));

/** Whether a value is the text of an address, as `parseIp` reads it. */
export const isIp = (value: unknown): value is string => {
  if (typeof value !== "string") return false;
  return value.includes(":") ? parseV6(value) !== undefined : v4Bits(value) >= 0;
};

/** Reads `10.0.0.0/8` or `fd00::/8`; bits beyond the prefix are ignored. Anything else is `undefined`. */
export const parseNetwork = (text: string): Network | undefined => {
  const slash = text.indexOf("/");
  const address = parseIp(text.slice(0, Math.max(slash, 0)));
  const prefix = text.slice(slash + 1);
  if (!address || !/^\d{1,3}$/.test(prefix)) return undefined;
  const bits = Number(prefix) + (text.includes(":") ? 0 : 96);
  return bits <= 128 ? { address, bits } : undefined;
};

/** A network, or an address as the network that contains nothing else. Anything else is `undefined`. */
export const networkOf = (text: string): Network | undefined => {
  const address = parseIp(text);
  return address ? { address, bits: 128 } : parseNetwork(text);
};

export const isWithin = (ip: Ip, { address, bits }: Network): boolean => {
  for (let i = 0; i * 16 < bits; i++) {
    const ignored = Math.max(0, (i + 1) * 16 - bits);
    if ((ip[i]! ^ address[i]!) >>> ignored !== 0) return false;
  }
  return true;
};

/** The first `bits` bits of an address, as a key: addresses within the same network have the same one. */
export const networkKey = (address: Ip, bits: number): string => {
  let key = "";
  for (let group = 0; group * 16 < bits; group++) {
    const ignored = Math.max(0, (group + 1) * 16 - bits);
    key += String.fromCharCode((address[group]! >>> ignored) << ignored);
  }
  return key;
};

/** Compares addresses by their order: below, at or above zero. */
export const compareIps = (a: Ip, b: Ip): number => {
  for (let i = 0; i < 8; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
};

/** The canonical text of an address: dotted for IPv4, in either form, otherwise as in RFC 5952. */
const formatIp = (ip: Ip): string => {
  if (isV4(ip)) return `${ip[6]! >> 8}.${ip[6]! & 255}.${ip[7]! >> 8}.${ip[7]! & 255}`;
  const { start, length } = longestZeros(ip);
  const hex = ip.map((group) => group.toString(16));
  return length < 2 ? hex.join(":") : `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
};

/** The canonical text of an address in any form; `undefined` for any other text. */
export const canonicalIp = (text: string): string | undefined => {
  // Strict IPv4 text has only one form.
  if (!text.includes(":")) return v4Bits(text) >= 0 ? text : undefined;
  const ip = parseV6(text);
  return ip && formatIp(ip);
};

const isV4 = (ip: Ip) => ip[5] === 0xffff && ip[0] === 0 && ip[1] === 0 && ip[2] === 0 && ip[3] === 0 && ip[4] === 0;

/** The first of the longest runs of zero groups. */
const longestZeros = (ip: Ip) => {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (ip[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
};

const parseV4 = (text: string): Ip | undefined => {
  const bits = v4Bits(text);
  return bits < 0 ? undefined : [0, 0, 0, 0, 0, 0xffff, Math.floor(bits / 65_536), bits % 65_536];
};

/** The 32 bits of an IPv4 address as a number; -1 for any other text. It allocates nothing: every audit event needs it. */
const v4Bits = (text: string): number => {
  let bits = 0;
  let dots = 0;
  let part = -1;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit === DOT) {
      if (part < 0 || ++dots > 3) return -1;
      bits = bits * 256 + part;
      part = -1;
    } else {
      // No leading zeros: some parsers read 010 as octal.
      if (digit < 0 || digit > 9 || part === 0) return -1;
      part = part < 0 ? digit : part * 10 + digit;
      if (part > 255) return -1;
    }
  }
  return dots === 3 && part >= 0 ? bits * 256 + part : -1;
};

const ZERO = "0".charCodeAt(0);
const DOT = ".".charCodeAt(0) - ZERO;

const parseV6 = (text: string): Ip | undefined => {
  const whole = withoutV4Tail(text);
  if (whole === undefined) return undefined;
  const halves = whole.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0]!);
  const tail = groupsOf(halves[1] ?? "");
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1) return missing === 0 ? head : undefined;
  return missing > 0 ? [...head, ...new Array<number>(missing).fill(0), ...tail] : undefined;
};

/** `::ffff:1.2.3.4` is `::ffff:102:304`. */
const withoutV4Tail = (text: string): string | undefined => {
  if (!text.includes(".")) return text;
  const colon = text.lastIndexOf(":");
  const v4 = parseV4(text.slice(colon + 1));
  return v4 && `${text.slice(0, colon + 1)}${v4[6]!.toString(16)}:${v4[7]!.toString(16)}`;
};

const groupsOf = (text: string): number[] | undefined => {
  if (text === "") return [];
  const groups = text.split(":");
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
};
