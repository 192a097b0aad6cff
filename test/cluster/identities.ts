import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { authority, shown } from "../http/certificates.ts";
import { addresses } from "./addresses.ts";

/** How a client shows who it is. */
export interface Identity {
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer };
  readonly headers?: Readonly<Record<string, string>>;
}

const bearer = (token: string): Identity => ({ headers: { Authorization: `Bearer ${token}` } });

/** Files of the API server about who is who, and the clients that it knows. */
export interface Identities {
  /** The authority of the server's certificate. */
  readonly ca: string;
  readonly flags: readonly string[];
  readonly admin: Identity;
  /** Users by certificate and by token; some may read Secrets, some may not. */
  readonly users: readonly Identity[];
  /** May say for whom it speaks, in a header. */
  readonly proxy: NonNullable<Identity["certificate"]>;
}

const tokens = [
  "token-admin,kubernetes-admin,uid-admin,system:masters",
  "token-carol,carol,uid-carol,readers",
  "token-mallory,mallory,uid-mallory",
  'token-weird,"we ird:ü\\ser",uid-weird,readers',
];

/** Makes certificates, keys and tokens in a folder. */
export const makeIdentities = (folder: string): Identities => {
  const path = (name: string) => join(folder, name);
  const users = authority(folder, "cluster");
  const proxies = authority(folder, "front");
  const server = users.issue("kube-apiserver", `IP:${addresses.apiServer}`);
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(path("accounts.pub"), publicKey.export({ type: "spki", format: "pem" }));
  writeFileSync(path("accounts.key"), privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(path("tokens.csv"), `${tokens.join("\n")}\n`);
  const certified = (name: string): Identity => ({ certificate: shown(users.issue(name)) });
  return {
    ca: users.ca,
    flags: [
      `--tls-cert-file=${server.certificate}`,
      `--tls-private-key-file=${server.key}`,
      `--client-ca-file=${users.ca}`,
      `--token-auth-file=${path("tokens.csv")}`,
      `--requestheader-client-ca-file=${proxies.ca}`,
      "--requestheader-username-headers=X-Remote-User",
      "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${path("accounts.pub")}`,
      `--service-account-signing-key-file=${path("accounts.key")}`,
    ],
    admin: bearer("token-admin"),
    users: [
      ...["carol", "mallory", "weird"].map((name) => bearer(`token-${name}`)),
      ...["alice", "system:kube-scheduler", "bob"].map(certified),
      bearer("a-token-that-nobody-has"),
      {},
    ],
    proxy: shown(proxies.issue("front-proxy")),
  };
};

/** The identity of a service account, by a token that the API server has issued. */
export const serviceAccount = bearer;
