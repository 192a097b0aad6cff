import { untrustedCodes } from "../http/tls.ts";

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

/** Whether a topic does not exist. */
export const isUnknownTopic = (error: unknown): boolean =>
  kafkaErrors(error).some((name) => name === "UNKNOWN_TOPIC_OR_PARTITION" || name === "UNKNOWN_TOPIC_ID") ||
  // The package replaces the broker's error with its own.
  wordsOf(error, "").some((words) => words.startsWith("Unknown topic "));

/** What went wrong between weir and a broker, in one line. `at`: what the names of the options begin with, such as `state.`. */
export const kafkaWords = (error: unknown, at = ""): string => {
  const text = [...new Set(wordsOf(error, at))].join("; ").replace(/[\p{C}\s]+/gu, " ");
  return text.length > 500 ? `${text.slice(0, 499)}…` : text;
};

const wordsOf = (error: unknown, at: string): readonly string[] => {
  if (!(error instanceof Error)) return [String(error)];
  const { errors = [], cause, apiId, serverErrorMessage, code = "" } = error as KafkaError;
  if (errors.length > 0) return errors.flatMap((each) => wordsOf(each, at));
  const message = (serverErrorMessage || error.message).replace(/\.$/, "");
  if (apiId !== undefined) return [`${message} (${apiId})`];
  if (cause instanceof Error) return wordsOf(cause, at).map((words) => `${message}: ${words}`);
  if (untrustedCodes.has(code))
    return [`the certificate of the broker is not trusted; set "${at}tls.ca" to the certificate authorities to trust`];
  return [sentences[code] ?? message];
};

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing is listening there (ECONNREFUSED)",
  ENOTFOUND: "the host name does not exist (ENOTFOUND)",
  ECONNRESET: "the broker closed the connection; does it expect TLS or credentials? (ECONNRESET)",
};
