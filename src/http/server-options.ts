import { type Config, type Options, option } from "../option/option.ts";
import { serverAuthOption } from "./auth.ts";
import { browserOptions } from "./browsers.ts";
import { addressOption } from "./options.ts";
import { serverTlsOption } from "./tls.ts";

/** Options of every HTTP server source, with its own defaults. */
export const httpServerOptions = (defaults: {
  readonly listen: string;
  readonly max_body: string;
  readonly max_receiving: string;
}) =>
  ({
    listen: addressOption("Address and port to listen on. Port 0 picks a free port; the log shows which.", {
      default: defaults.listen,
    }),
    tls: serverTlsOption,
    auth: serverAuthOption,
    ...browserOptions,
    max_body: option.bytes("Largest body, both as sent and decompressed; a larger one is answered with 413.", {
      default: defaults.max_body,
    }),
    max_receiving: option.bytes(
      "Memory for all bodies that are being received, shared equally by the clients; requests beyond it are answered with 429.",
      {
        default: defaults.max_receiving,
      },
    ),
    max_connections: option.integer(
      "Maximum number of open connections. Beyond it, an idle or slow one of the client with the most is closed. All servers together have at most a quarter of the file descriptors of the process.",
      {
        default: 1024,
        minimum: 1,
      },
    ),
    timeout: option.window(
      "How long a client may take to send a request. For its headers and a TLS handshake it has at most 10 s.",
      { default: "30s" },
    ),
    idle_timeout: option.window("How long a connection may stay idle between requests.", { default: "2m" }),
  }) satisfies Options;

export type HttpServerConfig = Config<ReturnType<typeof httpServerOptions>>;
