import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { option } from "../option/option.ts";
import { shortened } from "../text.ts";
import type { ServerAuth } from "./auth.ts";
import { Refusal } from "./problem.ts";
import { isPublic } from "./server.ts";

/** Options of every server that a browser could reach. */
export const browserOptions = {
  origins: option.list(option.text)(
    "Origins of web pages that may send or connect; `*` allows any. Clients other than browsers send no origin and always may.",
    { default: [], examples: [["https://console.example.org"]] },
  ),
  hosts: option.list(option.text)(
    "Names by which clients may reach the server, besides IP addresses and names without a dot; `*` allows any. Empty allows any name, unless `listen` is a loopback address without TLS and credentials.",
    { default: [], examples: [["weir.example.org"]] },
  ),
};

export interface BrowserRules {
  readonly origins: readonly string[];
  readonly hosts: readonly string[];
  /** Whether any name will do, if `hosts` is empty. */
  readonly anyHost: boolean;
}

/**
 * The rules of a server. A page under a name of its own has no certificate that a browser would take for it, and no
 * credentials; and what is not on a loopback address is reached by names that weir cannot know.
 */
export const browserRules = ({ origins, hosts, listen, tls, auth }: ServerConfig): BrowserRules => ({
  origins,
  hosts,
  anyHost: isPublic(listen) || tls !== undefined || auth.tokens.length + auth.users.length > 0,
});

type ServerConfig = Pick<BrowserRules, "origins" | "hosts"> & {
  readonly listen: string;
  readonly tls?: unknown;
  readonly auth: ServerAuth;
};

/** Throws a `Refusal` for a request. */
type BrowserGuard = (request: Pick<IncomingMessage, "method" | "headers">) => void;

/**
 * Refuses what web pages send, 403. A page can reach loopback and private addresses through its browser: directly, which its
 * origin shows, or by a name of its own that resolves to such an address (DNS rebinding), which the Host header shows.
 */
export const browserGuard = ({ origins, hosts, anyHost }: BrowserRules): BrowserGuard => {
  /** The latest Host that was accepted: most requests have the same. */
  let known: string | undefined;
  return ({ method = "", headers }) => {
    if ((!anyHost || hosts.length > 0) && headers.host !== known) {
      checkHost(headers.host, hosts);
      known = headers.host;
    }
    const { origin } = headers;
    if (origin !== undefined && !isIn(origins, origin))
      throw new Refusal(
        403,
        `The origin "${shortened(origin, 200)}" is not allowed; "origins" lists the web pages that are.`,
      );
    if (origin === undefined && !isReading(method) && isFromElsewhere(headers))
      throw new Refusal(
        403,
        'The request was sent by a web page without an origin; "origins" lists the pages that may.',
      );
  };
};

const isIn = (allowed: readonly string[], found: string): boolean =>
  allowed.some((one) => one === "*" || one.toLowerCase() === found.toLowerCase());

const isReading = (method: string): boolean => method === "GET" || method === "HEAD";

/** Browsers say so themselves (Fetch Metadata). */
const isFromElsewhere = ({ "sec-fetch-site": site }: IncomingHttpHeaders): boolean =>
  site === "cross-site" || site === "same-site";

/**
 * A page needs a name in the public DNS, which has a dot: an address cannot be resolved to another one, and a name without a
 * dot is one of the local network or of containers. Only HTTP/1.0 has no Host, and no browser sends that.
 */
const checkHost = (host: string | undefined, allowed: readonly string[]): void => {
  if (host === undefined) return;
  const name = nameOf(host);
  if (!name.includes(".") || name.endsWith(".localhost") || isIP(name) > 0 || isIn(allowed, name)) return;
  throw new Refusal(
    403,
    `"${shortened(name, 200)}" is not a name of this server; "hosts" lists the names that it has.`,
  );
};

/** The name or address without its port, brackets and final dot. */
const nameOf = (host: string): string => {
  const bracketed = /^\[([^\]]*)\](?::[0-9]*)?$/.exec(host)?.[1];
  return (bracketed ?? host.replace(/:[0-9]*$/, "")).replace(/\.$/, "").toLowerCase();
};

/** Lets the page of an allowed origin see the answer; true when the request was a browser's question whether it may send. */
export const answerBrowser = ({ method, headers }: IncomingMessage, response: ServerResponse): boolean => {
  if (headers.origin === undefined) return false;
  response.setHeader("Access-Control-Allow-Origin", headers.origin).setHeader("Vary", "Origin");
  if (method !== "OPTIONS" || headers["access-control-request-method"] === undefined) return false;
  response
    .writeHead(204, {
      "Access-Control-Allow-Methods": "POST, PUT",
      "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Encoding",
      "Access-Control-Max-Age": "600",
    })
    .end();
  return true;
};
