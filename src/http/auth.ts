import { hash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { type Config, type Option, option } from "../option/option.ts";
import { formed } from "./options.ts";
import { Refusal } from "./problem.ts";
import { namesOf, type ServerTls } from "./tls.ts";

/** What fits behind `Bearer`. */
const token = (description: string): Option<string> => ({
  ...option.secret(description),
  title: "a token, which is ASCII text without blanks or line breaks",
  pattern: "^[!-~]+$",
});

/** What fits before the colon of basic authentication. */
const userName = formed("a user's name, which has no colon", "^[^:]+$");

const user = {
  name: userName("The user's name."),
  password: option.secret("The user's password."),
};

const serverOptions = {
  tokens: option.list(token)("Tokens; a request shows one as `Authorization: Bearer …`.", { default: [] }),
  users: option.list(option.group(user))("Users who may come with HTTP basic authentication.", { default: [] }),
};

/** Who may come to a server: with one of the tokens, or as one of the users. */
export const serverAuthOption = option.group(serverOptions)("Who may send; without tokens and users everybody may.");
export type ServerAuth = Config<typeof serverOptions>;

const clientOptions = {
  token: option.optional(token("Sent as a bearer token."), { excludes: ["user"] }),
  user: option.optional(userName("User for HTTP basic authentication.")),
  password: option.optional(option.secret("Password of `user`; without it, an empty one."), { needs: ["user"] }),
};

/** What a client shows: a bearer token, or a user and password. */
export const clientAuthOption = option.group(clientOptions)("What is shown to the server: a token, or a user.");
export type ClientAuth = Config<typeof clientOptions>;

/** The value of the `Authorization` header, if there is anything to show. */
export const authorization = ({ token, user, password = "" }: ClientAuth): string | undefined => {
  if (token !== undefined) return `Bearer ${token}`;
  return user === undefined ? undefined : `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
};

/** Decides on a request by its certificate and its `Authorization`: returns, or throws a `Refusal` (401, 403). */
export type Guard = (request: IncomingMessage) => void;

export const guardOf = (auth: ServerAuth, tls: ServerTls | undefined): Guard => {
  const guards = [
    ...(tls?.client_ca === undefined ? [] : [certificateGuard(tls)]),
    ...(auth.tokens.length + auth.users.length === 0 ? [] : [headerGuard(auth)]),
  ];
  return (request) => {
    for (const guard of guards) guard(request);
  };
};

const certificateGuard =
  ({ client_names }: ServerTls): Guard =>
  ({ socket }) => {
    if (!(socket instanceof TLSSocket) || !socket.authorized)
      throw new Refusal(
        401,
        "A client certificate from one of this server's authorities is wanted, and none was shown.",
      );
    if (client_names === undefined) return;
    const names = namesOf(socket);
    if (names.some((name) => client_names.includes(name))) return;
    throw new Refusal(403, `The client certificate is good, but its names (${names.join(", ")}) may not send here.`);
  };

const headerGuard = ({ tokens, users }: ServerAuth): Guard => {
  const known = [
    ...tokens.map((token) => digest(`bearer ${token}`)),
    ...users.map(({ name, password }) => digest(`basic ${Buffer.from(`${name}:${password}`).toString("base64")}`)),
  ];
  const challenges = [
    ...(tokens.length > 0 ? ['Bearer realm="weir"'] : []),
    ...(users.length > 0 ? ['Basic realm="weir", charset="UTF-8"'] : []),
  ];
  return ({ headers: { authorization = "" } }) => {
    const [, scheme = "", credentials = ""] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
    const shown = digest(`${scheme.toLowerCase()} ${credentials}`);
    // All are compared, by digests of one length: the time taken tells nothing.
    if (known.filter((one) => timingSafeEqual(one, shown)).length > 0) return;
    const found =
      authorization === "" ? "The request has no Authorization header" : "Nobody is known by this Authorization";
    throw new Refusal(401, `${found}; ${wanted(tokens, users)} is wanted.`, {
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

const digest = (text: string): Buffer => hash("sha256", text, "buffer");
