import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type Config, type Option, option } from "../option/option.ts";
import { formed } from "./options.ts";
import { Refusal } from "./problem.ts";
import { namesOf, type ServerTls } from "./tls.ts";

/** What may follow `Bearer` in the header. */
const token = (description: string): Option<string> => ({
  ...option.secret(description),
  title: "a token: ASCII text without spaces or line breaks",
  pattern: "^[!-~]+$",
});

/** What may precede the colon in basic authentication. */
const userName = formed("a user name without a colon", "^[^:]+$");

const user = {
  name: userName("Name of the user."),
  password: option.secret("Password of the user."),
};

const serverOptions = {
  tokens: option.list(token)("Bearer tokens that are accepted, sent as `Authorization: Bearer …`.", { default: [] }),
  users: option.list(option.group(user))("Users that are accepted with HTTP basic authentication.", { default: [] }),
};

/** Who may send to a server: clients with one of the tokens, or one of the users. */
export const serverAuthOption = option.group(serverOptions)("Who may send. Without tokens and users, anyone may.");
export type ServerAuth = Config<typeof serverOptions>;

const clientOptions = {
  token: option.optional(token("Bearer token to send."), { excludes: ["user"] }),
  user: option.optional(userName("User name for HTTP basic authentication.")),
  password: option.optional(option.secret("Password of `user`; empty if not set."), { needs: ["user"] }),
};

/** Credentials of a client: a bearer token, or a user and password. */
export const clientAuthOption = option.group(clientOptions)(
  "Credentials for the server: a token, or a user and password.",
);
export type ClientAuth = Config<typeof clientOptions>;

/** The value of the `Authorization` header; undefined without credentials. */
export const authorization = ({ token, user, password = "" }: ClientAuth): string | undefined => {
  if (token !== undefined) return `Bearer ${token}`;
  return user === undefined ? undefined : `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
};

/** Checks the client certificate and the `Authorization` header of a request; throws a `Refusal` (401, 403). */
export type Guard = (request: Pick<IncomingMessage, "headers" | "socket">) => void;

export const guardOf = (auth: ServerAuth, tls: ServerTls | undefined): Guard => {
  const guards = [
    ...(tls?.client_ca === undefined ? [] : [certificateGuard(tls)]),
    ...(auth.tokens.length + auth.users.length === 0 ? [] : [headerGuard(auth)]),
  ];
  return (request) => {
    for (const guard of guards) guard(request);
  };
};

/** Only a socket of TLS has a certificate. Its class is not asked: TLS is loaded by servers that use it. */
const isAuthorized = (socket: Socket): socket is TLSSocket => (socket as Partial<TLSSocket>).authorized === true;

const certificateGuard =
  ({ client_names }: ServerTls): Guard =>
  ({ socket }) => {
    if (!isAuthorized(socket))
      throw new Refusal(
        401,
        "The request has no valid client certificate; this server requires one from an authority that it trusts.",
      );
    if (client_names === undefined) return;
    const names = namesOf(socket);
    if (names.some((name) => client_names.includes(name))) return;
    throw new Refusal(
      403,
      `The client certificate is valid, but its names (${names.join(", ")}) are not allowed to send here.`,
    );
  };

const headerGuard = ({ tokens, users }: ServerAuth): Guard => {
  const isKnown = secretCheck([
    ...tokens.map((token) => `bearer ${token}`),
    ...users.map(({ name, password }) => `basic ${Buffer.from(`${name}:${password}`).toString("base64")}`),
  ]);
  const challenges = [
    ...(tokens.length > 0 ? ['Bearer realm="weir"'] : []),
    ...(users.length > 0 ? ['Basic realm="weir", charset="UTF-8"'] : []),
  ];
  return ({ headers: { authorization = "" } }) => {
    const [, scheme = "", credentials = ""] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
    if (isKnown(`${scheme.toLowerCase()} ${credentials}`)) return;
    const found =
      authorization === ""
        ? "The request has no Authorization header"
        : "The credentials in the Authorization header are not valid";
    throw new Refusal(401, `${found}; this server requires ${wanted(tokens, users)}.`, {
      "WWW-Authenticate": challenges,
    });
  };
};

const wanted = (tokens: readonly unknown[], users: readonly unknown[]): string => {
  const kinds = [
    ...(tokens.length > 0 ? ["a bearer token"] : []),
    ...(users.length > 0 ? ["a user and password"] : []),
  ];
  return kinds.join(" or ");
};

/** Returns a function that says whether a client's text is one of the secrets. The time it takes reveals nothing about them. */
export const secretCheck = (secrets: readonly string[]): ((shown: string) => boolean) => {
  const known = secrets.map(digest);
  // Compares with all secrets, by digests of equal length.
  return (shown) => known.filter((one) => timingSafeEqual(one, digest(shown))).length > 0;
};

const digest = (text: string): Buffer => hash("sha256", text, "buffer");
