import { readFileSync } from "node:fs";
import type { SecureContextOptions, TLSSocket, TlsOptions } from "node:tls";
import { type Config, option } from "../option/option.ts";

const serverOptions = {
  certificate: option.file("PEM file with the certificate of the server and its intermediate certificates."),
  key: option.file("PEM file with the private key of `certificate`."),
  client_ca: option.optional(
    option.file(
      "PEM file with the certificate authorities for clients. When set, every client needs a certificate from one of them.",
    ),
  ),
  client_names: option.optional(
    option.list(option.text, { minItems: 1 })(
      "Allowed names in client certificates, as common name or DNS name; without it, any certificate from `client_ca` is accepted.",
    ),
    { needs: ["client_ca"] },
  ),
};

/** TLS of a server, and with `client_ca` mutual TLS. */
export const serverTlsGroup = option.group(serverOptions);
export const serverTlsOption = option.optional(
  serverTlsGroup("TLS settings; without them the server speaks plain HTTP."),
);
export type ServerTls = Config<typeof serverOptions>;

const clientOptions = {
  ca: option.optional(option.file("PEM file with the certificate authorities to trust in place of the system's.")),
  certificate: option.optional(option.file("PEM file with the client certificate to send to the server."), {
    needs: ["key"],
  }),
  key: option.optional(option.file("PEM file with the private key of `certificate`."), { needs: ["certificate"] }),
};

/** TLS of a client: whom it trusts, and its own certificate. */
export const clientTlsGroup = option.group(clientOptions);
export const clientTlsOption = clientTlsGroup("TLS settings for `https` and `wss` URLs.");
/** The same for a protocol whose addresses do not say whether there is TLS. */
export const switchedTlsOption = option.group({
  enabled: option.optional(
    option.boolean("Whether to use TLS. Without it, TLS is used if `ca` or `certificate` is set."),
  ),
  ...clientOptions,
})("TLS settings.");

/** Whether there is TLS by that option. */
export const usesTls = ({
  enabled,
  ca,
  certificate,
}: Config<{ readonly tls: typeof switchedTlsOption }>["tls"]): boolean =>
  enabled ?? (ca !== undefined || certificate !== undefined);

export type ClientTls = Config<typeof clientOptions>;

/** Reads the files; throws a sentence that names the one that cannot be read. */
export const readServerTls = ({ certificate, key, client_ca }: ServerTls): TlsOptions => ({
  cert: read("tls.certificate", certificate),
  key: read("tls.key", key),
  minVersion: "TLSv1.2",
  // The certificate is checked with the request, so that the response can say what is wrong.
  ...(client_ca !== undefined && {
    ca: read("tls.client_ca", client_ca),
    requestCert: true,
    rejectUnauthorized: false,
  }),
});

/** Reads the files; throws a sentence that names the one that cannot be read. `at`: what the names of the options begin with, such as `state.`. */
export const readClientTls = ({ ca, certificate, key }: ClientTls, at = ""): SecureContextOptions => ({
  ...(ca !== undefined && { ca: read(`${at}tls.ca`, ca) }),
  ...(certificate !== undefined && { cert: read(`${at}tls.certificate`, certificate) }),
  ...(key !== undefined && { key: read(`${at}tls.key`, key) }),
});

const read = (option: string, path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`cannot read "${path}", the file of "${option}": ${(error as Error).message}`);
  }
};

/** Codes of errors that say that a certificate is from no authority that is trusted. */
export const untrustedCodes: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** What is wrong with the certificate of a client, if it needs one. */
export const certificateFlaw = (
  socket: TLSSocket,
  { client_ca, client_names }: Pick<ServerTls, "client_ca" | "client_names">,
): string | undefined => {
  if (client_ca === undefined) return undefined;
  if (!socket.authorized) return "it has no valid client certificate from a trusted authority";
  const names = namesOf(socket);
  if (client_names === undefined || names.some((name) => client_names.includes(name))) return undefined;
  return `the names in its client certificate (${names.join(", ")}) are not allowed to send here`;
};

/** The names in a client's certificate: its common name and its DNS names. */
export const namesOf = (socket: TLSSocket): readonly string[] => {
  const { subject, subjectaltname = "" } = socket.getPeerCertificate();
  const alternatives = subjectaltname.split(", ").filter((name) => name.startsWith("DNS:"));
  // A quote marks a name that contains a separator: then no DNS name counts.
  const plain = subjectaltname.includes('"') ? [] : alternatives.map((name) => name.slice(4));
  return [subject?.CN, ...plain].flat().filter((name) => name !== undefined);
};
