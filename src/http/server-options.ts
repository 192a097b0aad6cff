import { type Config, type Options, option } from "../option/option.ts";
import { serverAuthOption } from "./auth.ts";
import { addressOption } from "./options.ts";
import { serverTlsOption } from "./tls.ts";

/** Options of every source that is an HTTP server, with defaults of its own. */
export const httpServerOptions = (defaults: {
  readonly listen: string;
  readonly max_body: string;
  readonly max_receiving: string;
}) =>
  ({
    listen: addressOption("Where to listen. Port 0 takes any that is free; the log says which.", {
      default: defaults.listen,
    }),
    tls: serverTlsOption,
    auth: serverAuthOption,
    max_body: option.bytes("The longest body, as it is sent and when it is decompressed; a longer one gets 413.", {
      default: defaults.max_body,
    }),
    max_receiving: option.bytes("What all bodies that are being received may take together; beyond it, 429.", {
      default: defaults.max_receiving,
    }),
    max_connections: option.integer("Connections at a time; one more is closed at once.", {
      default: 1024,
      minimum: 1,
    }),
    timeout: option.window("How long a request may take to come in.", { default: "30s" }),
    idle_timeout: option.window("How long a connection may stay open between requests.", { default: "2m" }),
  }) satisfies Options;

export type HttpServerConfig = Config<ReturnType<typeof httpServerOptions>>;
