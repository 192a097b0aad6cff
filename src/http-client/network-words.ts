/** Describes a network error between weir and `origin`, in one line. */
export const networkWords = (error: unknown, origin: string): string => {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const other = otherProtocol(error as NodeJS.ErrnoException, origin);
  if (other) return other;
  const [line = ""] = message?.split("\n") ?? [];
  return `${sentence(code, origin) ?? `the request to ${origin} failed: ${openSslReason(line) ?? line}`}${code && ` (${code})`}`;
};

/** One side speaks TLS and the other does not. */
const otherProtocol = (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, origin: string): string | undefined => {
  const name = origin.startsWith("ws") ? "ws" : "http";
  if (noTls.has(openSslReason(error.message) ?? "")) return `${origin} does not speak TLS; did you mean ${name}://?`;
  const { code = "", rawPacket: [type, version] = [] } = error;
  const isTlsRecord = code.startsWith("HPE_") && (type === 0x15 || type === 0x16) && version === 3;
  return isTlsRecord ? `${origin} speaks TLS; did you mean ${name}s://?` : undefined;
};

/** What OpenSSL reports for bytes that are not a TLS record. */
const noTls = new Set(["wrong version number", "packet length too long"]);

/** The message of OpenSSL, without its location in the code. */
const openSslReason = (message = ""): string | undefined => /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1];

const sentence = (code: string, origin: string): string | undefined => {
  if (code.startsWith("HPE_")) return `the response of ${origin} is not HTTP`;
  if (code === "ABORT_ERR") return `${origin} sent no complete response in time`;
  if (certificateCodes.has(code))
    return `the certificate of ${origin} is not trusted; set "tls.ca" to the certificate authorities to trust`;
  return sentences[code]?.(origin);
};

const certificateCodes = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const ended = (origin: string) => `${origin} closed the connection before its response was complete`;

const sentences: Readonly<Record<string, (origin: string) => string>> = {
  ECONNREFUSED: (origin) => `nothing is listening at ${origin}`,
  ENOTFOUND: (origin) => `the host name in ${origin} does not exist`,
  EAI_AGAIN: (origin) => `the host name in ${origin} cannot be resolved at the moment`,
  EHOSTUNREACH: (origin) => `there is no route to ${origin}`,
  ENETUNREACH: (origin) => `there is no route to ${origin}`,
  ETIMEDOUT: (origin) => `${origin} did not accept the connection in time`,
  ECONNRESET: ended,
  EPIPE: ended,
  CERT_HAS_EXPIRED: (origin) => `the certificate of ${origin} has expired; its server needs a new one`,
  CERT_NOT_YET_VALID: (origin) => `the certificate of ${origin} is not valid yet; check the clocks on both sides`,
  ERR_TLS_CERT_ALTNAME_INVALID: (origin) =>
    `the certificate of ${origin} is for another name; use the name in the certificate, or a certificate for this one`,
};
