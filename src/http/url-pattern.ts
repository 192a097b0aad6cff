const label = "[A-Za-z0-9_\\-]+";
const octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const group = "[0-9A-Fa-f]{1,4}";

/** A name whose last label is a number would be parsed as an address, and a wrong one. */
const name = `(?:${label}\\.)*(?!(?:[0-9]+|0[xX][0-9A-Fa-f]*)\\.?(?:[:/?]|$))${label}\\.?`;
const ipv4 = `(?:${octet}\\.){3}${octet}`;
/** Eight groups, or fewer with `::` in place of zeros. */
const ipv6 = [
  `(?:${group}:){7}${group}`,
  ...[1, 2, 3, 4, 5, 6].map((before) => `(?:${group}:){1,${before}}(?::${group}){1,${7 - before}}`),
  `(?:${group}:){1,7}:`,
  `:(?:(?::${group}){1,7}|:)`,
].join("|");

/** 0 to 65535, as a JSON Schema pattern. */
export const portPattern = "(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

/** The start of an http or https URL up to its path: without user and password, and valid to a URL parser. */
export const originPattern = `https?://(?:${ipv4}|${name}|\\[(?:${ipv6})\\])(?::${portPattern})?`;
