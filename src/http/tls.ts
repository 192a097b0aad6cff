import { readFileSync } from "node:fs";
import type { SecureContextOptions, TLSSocket, TlsOptions } from "node:tls";
import { type Config, option } from "../option/option.ts";

const serverOptions = {
  certificate: option.path("PEM file with the server's certificate, and those between it and its authority."),
  key: option.path("PEM file with the key of the certificate."),
  client_ca: option.optional(
    option.path("PEM file with the authorities whose clients are taken. With it every client needs a certificate."),
  ),
  client_names: option.optional(
    option.list(option.text, { minItems: 1 })(
      "Names that a client's certificate may bear, as its common name or as a DNS name; without them, all of `client_ca` will do.",
    ),
    { needs: ["client_ca"] },
  ),
};

/** TLS of a server, and with `client_ca` mutual TLS. */
export const serverTlsOption = option.optional(
  option.group(serverOptions)("TLS; without it the server speaks plain HTTP."),
);
export type ServerTls = Config<typeof serverOptions>;

const clientOptions = {
  ca: option.optional(
    option.path("PEM file with the authorities that the server's certificate may come from, in place of the system's."),
  ),
  certificate: option.optional(option.path("PEM file with the certificate that is shown to the server."), {
    needs: ["key"],
  }),
  key: option.optional(option.path("PEM file with the key of `certificate`."), { needs: ["certificate"] }),
};

/** TLS of a client: whom it trusts, and what it shows. */
export const clientTlsOption = option.group(clientOptions)("TLS, beyond what every https URL has.");
export type ClientTls = Config<typeof clientOptions>;

/** Reads the files; throws a sentence that names the one that is not there. */
export const readServerTls = ({ certificate, key, client_ca }: ServerTls): TlsOptions => ({
  cert: read("tls.certificate", certificate),
  key: read("tls.key", key),
  minVersion: "TLSv1.2",
  // The certificate is looked at with the request, so that its answer can say what is wrong.
  ...(client_ca !== undefined && {
    ca: read("tls.client_ca", client_ca),
    requestCert: true,
    rejectUnauthorized: false,
  }),
});

/** Reads the files; throws a sentence that names the one that is not there. */
export const readClientTls = ({ ca, certificate, key }: ClientTls): SecureContextOptions => ({
  ...(ca !== undefined && { ca: read("tls.ca", ca) }),
  ...(certificate !== undefined && { cert: read("tls.certificate", certificate) }),
  ...(key !== undefined && { key: read("tls.key", key) }),
});

const read = (option: string, path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`"${path}", given as ${option}, cannot be read: ${(error as Error).message}`);
  }
};

/** The names that a client's certificate bears: its common name and its DNS names. */
export const namesOf = (socket: TLSSocket): readonly string[] => {
  const { subject, subjectaltname = "" } = socket.getPeerCertificate();
  const alternatives = subjectaltname.split(", ").filter((name) => name.startsWith("DNS:"));
  // A quote begins a name that holds what would part names; such a name is taken for none.
  const plain = subjectaltname.includes('"') ? [] : alternatives.map((name) => name.slice(4));
  return [subject?.CN, ...plain].flat().filter((name) => name !== undefined);
};
