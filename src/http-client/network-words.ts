/** What went wrong between here and `origin`, for people: one line. */
export const networkWords = (error: unknown, origin: string): string => {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const other = otherProtocol(error as NodeJS.ErrnoException, origin);
  if (other) return other;
  const [line = ""] = message?.split("\n") ?? [];
  return `${sentence(code, origin) ?? `the request to ${origin} did not go through: ${openSslReason(line) ?? line}`}${code && ` (${code})`}`;
};

/** One side speaks TLS and the other does not. */
const otherProtocol = (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, origin: string): string | undefined => {
  const name = origin.startsWith("ws") ? "ws" : "http";
  if (noTls.has(openSslReason(error.message) ?? "")) return `${origin} speaks no TLS; is ${name}:// meant?`;
  const { code = "", rawPacket: [type, version] = [] } = error;
  const isTlsRecord = code.startsWith("HPE_") && (type === 0x15 || type === 0x16) && version === 3;
  return isTlsRecord ? `${origin} speaks TLS; is ${name}s:// meant?` : undefined;
};

/** What OpenSSL makes of bytes that are no TLS record. */
const noTls = new Set(["wrong version number", "packet length too long"]);

/** OpenSSL's own words, without where in its code it stood. */
const openSslReason = (message = ""): string | undefined => /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];

const sentence = (code: string, origin: string): string | undefined => {
  if (code.startsWith("HPE_")) return `what ${origin} answered is not HTTP`;
  if (code === "ABORT_ERR") return `no whole answer came from ${origin} in time`;
  if (certificateCodes.has(code) || code.startsWith("ERR_TLS_CERT"))
    return `the certificate of ${origin} is not one to trust; "tls.ca" names the authorities that are`;
  return sentences[code]?.(origin);
};

const certificateCodes = new Set([
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const ended = (origin: string) => `${origin} ended the connection before its answer was whole`;

const sentences: Readonly<Record<string, (origin: string) => string>> = {
  ECONNREFUSED: (origin) => `nobody listens at ${origin}`,
  ENOTFOUND: (origin) => `the name in ${origin} is not known`,
  EAI_AGAIN: (origin) => `the name in ${origin} cannot be looked up now`,
  EHOSTUNREACH: (origin) => `no way leads to ${origin}`,
  ENETUNREACH: (origin) => `no way leads to ${origin}`,
  ETIMEDOUT: (origin) => `${origin} did not take the connection in time`,
  ECONNRESET: ended,
  EPIPE: ended,
};
