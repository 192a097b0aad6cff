/** What the message for an error depends on. */
export interface WordsOptions {
  /** What the names of the options begin with, such as `state.`. */
  readonly optionsAt: string;
  /** What weir does on the server, such as `weir runs EVALSHA`. */
  readonly rights: string;
}

/** What went wrong between weir and the server, as the rest of a sentence in one line. */
export const valkeyWords = (error: unknown, options: WordsOptions): string => {
  const text = wordsOf(error, sentencesFor(options)).replace(/[\p{C}\s]+/gu, " ");
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
};

const wordsOf = (error: unknown, sentences: Readonly<Record<string, string>>): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError)
    return [...new Set(error.errors.map((each) => wordsOf(each, sentences)))].join("; ");
  const { code = "" } = error as Error & { readonly code?: string };
  // Older servers put the position in the script before the error.
  const message = error.message.replace(/^ERR Error running script .*?@user_script: ?\d+: /, "");
  // A server error begins with a word in capitals. Redis 7.0 has none for permissions that a script lacks.
  const word = /^ERR The user executing the script can't/.test(message) ? "NOPERM" : message.split(" ", 1)[0]!;
  const known = sentences[code] ?? sentences[word];
  if (known === undefined) return message === "" ? error.name : message.replace(/\.$/, "");
  return known;
};

const sentencesFor = ({ optionsAt, rights }: WordsOptions): Readonly<Record<string, string>> => {
  const untrusted = `the certificate of the server is not trusted; set "${optionsAt}tls.ca" to the certificate authorities to trust`;
  return {
    ...sentences,
    DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
    SELF_SIGNED_CERT_IN_CHAIN: untrusted,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
    NOAUTH: `it requires credentials; set "${optionsAt}password" (NOAUTH)`,
    NOPERM: `the user lacks a permission: ${rights} (NOPERM)`,
  };
};

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing is listening there (ECONNREFUSED)",
  ENOTFOUND: "the host name does not exist (ENOTFOUND)",
  ECONNRESET: "the server closed the connection; does it expect TLS? (ECONNRESET)",
  ENOENT: "the socket does not exist (ENOENT)",
  EACCES: "weir has no permission to use the socket (EACCES)",
  WRONGPASS: "it does not accept the user and password (WRONGPASS)",
  NOSCRIPT: "it has forgotten the script of weir, which is loaded again (NOSCRIPT)",
  WRONGTYPE: "the key holds a value of another type; remove it, or name another key (WRONGTYPE)",
  OOM: "it has no memory left; raise its maxmemory (OOM)",
  READONLY: "it is a replica, which takes no writes; name the primary (READONLY)",
  NOREPLICAS: "it has too few replicas to take writes (NOREPLICAS)",
  MASTERDOWN: "it is a replica without its primary (MASTERDOWN)",
  LOADING: "it is loading its data (LOADING)",
  MISCONF: "it cannot write its data to disk (MISCONF)",
  BUSY: "it is busy with a script of somebody else (BUSY)",
  MOVED: "it is a node of a cluster, which weir cannot use; name a server that is none (MOVED)",
  CLUSTERDOWN: "it is a node of a cluster, which weir cannot use; name a server that is none (CLUSTERDOWN)",
};
