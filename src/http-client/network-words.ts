/** What went wrong between here and `origin`, for people. */
export const networkWords = (error: unknown, origin: string): string => {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return `${sentence(code, origin) ?? `the request to ${origin} did not go through: ${message}`}${code && ` (${code})`}`;
};

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
