import { readFile } from "node:fs/promises";
import type { MetadataConfig } from "../metadata-options.ts";

const account = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Where the API server is, and how to authenticate. */
export interface ApiServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly tokenFile: string | undefined;
  readonly tls: MetadataConfig["tls"];
}

/**
 * The API server of the options, or else that of the pod in which weir runs, with its service account. Throws a sentence if there is
 * neither.
 */
export const apiServerOf = (
  { server, token_file, tls }: Pick<MetadataConfig, "server" | "token_file" | "tls">,
  environment: Readonly<Record<string, string | undefined>>,
): ApiServer => {
  if (server !== undefined) return { url: server.replace(/\/+$/, ""), tokenFile: token_file, tls };
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (!host || !port)
    throw new Error(
      'weir does not run in a pod, since KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: set "metadata.server" to the URL of the API server',
    );
  return {
    url: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    tokenFile: token_file ?? `${account}/token`,
    tls: { ...tls, ca: tls.ca ?? `${account}/ca.crt` },
  };
};

/** Why a file that cannot be read is probably missing: for the end of a message. */
export const hintFor = (file: string | undefined): string =>
  file?.startsWith(`${account}/`) ? "; is automountServiceAccountToken off?" : "";

/** The `Authorization` header. The kubelet replaces the token in the file, so it is read for each request. */
export const authorizationFrom = async (tokenFile: string | undefined): Promise<Readonly<Record<string, string>>> => {
  if (tokenFile === undefined) return {};
  const token = (
    await readFile(tokenFile, "utf8").catch((error: Error) => {
      throw new Error(`cannot read "${tokenFile}", the file with the token: ${error.message}${hintFor(tokenFile)}`);
    })
  ).trim();
  if (!/^[!-~]+$/.test(token))
    throw new Error(`the file "${tokenFile}" has no token: one line of ASCII text is expected`);
  return { authorization: `Bearer ${token}` };
};
