import { untrustedCodes } from "../http/tls.ts";

/**
 * Describes a network error between weir and `origin`, in one line. `at`: what the names of the options begin with, such as `metadata.`.
 */
export const networkWords = (error: unknown, origin: string, at = ""): string => {
  const { code = "", message } = error as NodeJS.ErrnoException;
  const other = otherProtocol(error as NodeJS.ErrnoException, origin);
  if (other) return other;
  const [line = ""] = message?.split("\n") ?? [];
  return `${sentence(code, origin, at) ?? `the request to ${origin} failed: ${openSslReason(line) ?? line}`}${code && ` (${code})`}`;
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

const sentence = (code: string, origin: string, at: string): string | undefined => {
  if (code.startsWith("HPE_")) return `the response of ${origin} is not HTTP`;
  if (code === "ABORT_ERR") return `${origin} sent no complete response in time`;
  if (untrustedCodes.has(code))
    return `the certificate of ${origin} is not trusted; set "${at}tls.ca" to the certificate authorities to trust`;
  return sentences[code]?.(origin);
};

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
