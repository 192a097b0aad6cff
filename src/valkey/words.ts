/** What went wrong between weir and the server, as the rest of a sentence in one line. */
export const valkeyWords = (error: unknown): string => {
  const text = wordsOf(error).replace(/[\p{C}\s]+/gu, " ");
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
};

const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) return [...new Set(error.errors.map(wordsOf))].join("; ");
  const { message, code = "" } = error as Error & { readonly code?: string };
  // An error of the server begins with a word in capitals.
  const known = sentences[code] ?? sentences[message.split(" ", 1)[0]!];
  if (known === undefined) return message === "" ? error.name : message.replace(/\.$/, "");
  return known;
};

const untrusted = 'the certificate of the server is not trusted; set "state.tls.ca" to the authorities to trust';

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing is listening there (ECONNREFUSED)",
  ENOTFOUND: "the host name does not exist (ENOTFOUND)",
  ECONNRESET: "the server closed the connection; does it expect TLS? (ECONNRESET)",
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  NOAUTH: 'it wants credentials; set "state.password" (NOAUTH)',
  WRONGPASS: "it does not accept the user and password (WRONGPASS)",
  NOPERM:
    "the user lacks a right: weir runs EVALSHA and SCRIPT LOAD on its keys, with GET and SET in the script (NOPERM)",
  NOSCRIPT: "it has forgotten the script of weir, which is loaded again (NOSCRIPT)",
  OOM: "it has no memory left; raise its maxmemory (OOM)",
  READONLY: "it is a replica, which takes no writes; name the primary (READONLY)",
  MASTERDOWN: "it is a replica without its primary (MASTERDOWN)",
  LOADING: "it is loading its data (LOADING)",
  MISCONF: "it cannot write its data to disk (MISCONF)",
  BUSY: "it is busy with a script of somebody else (BUSY)",
  MOVED: "it is a node of a cluster, which weir cannot use; name a server that is none (MOVED)",
  CLUSTERDOWN: "it is a node of a cluster, which weir cannot use; name a server that is none (CLUSTERDOWN)",
};
