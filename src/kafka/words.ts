/** An error of the package, or of the network below it. */
interface KafkaError extends Error {
  /** The name of an error in a broker's answer, such as `MESSAGE_TOO_LARGE`. */
  readonly apiId?: string;
  readonly serverErrorMessage?: string | null;
  readonly errors?: readonly unknown[];
  readonly code?: string;
}

/** The protocol's names of what went wrong, such as `MESSAGE_TOO_LARGE`. */
export const kafkaErrors = (error: unknown): readonly string[] => {
  if (!(error instanceof Error)) return [];
  const { errors = [], cause, apiId } = error as KafkaError;
  return [...(apiId === undefined ? [] : [apiId]), ...[...errors, cause].flatMap(kafkaErrors)];
};

/** What went wrong between weir and a broker, in one line. */
export const kafkaWords = (error: unknown): string => {
  const text = [...new Set(wordsOf(error))].join("; ").replace(/[\p{C}\s]+/gu, " ");
  return text.length > 500 ? `${text.slice(0, 499)}…` : text;
};

const wordsOf = (error: unknown): readonly string[] => {
  if (!(error instanceof Error)) return [String(error)];
  const { errors = [], cause, apiId, serverErrorMessage, code = "" } = error as KafkaError;
  if (errors.length > 0) return errors.flatMap(wordsOf);
  const message = (serverErrorMessage || error.message).replace(/\.$/, "");
  if (apiId !== undefined) return [`${message} (${apiId})`];
  if (cause instanceof Error) return wordsOf(cause).map((words) => `${message}: ${words}`);
  return [sentences[code] ?? message];
};

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing is listening there (ECONNREFUSED)",
  ENOTFOUND: "the host name does not exist (ENOTFOUND)",
  ECONNRESET: "the broker closed the connection; does it expect TLS or credentials? (ECONNRESET)",
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'the certificate of the broker is not trusted; set "tls.ca" to the certificate authorities to trust',
  SELF_SIGNED_CERT_IN_CHAIN:
    'the certificate of the broker is not trusted; set "tls.ca" to the certificate authorities to trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the certificate of the broker is not trusted; set "tls.ca" to the certificate authorities to trust',
};
