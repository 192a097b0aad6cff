import { clientAuthOption, serverAuthOption } from "../http/auth.ts";
import { browserOptions } from "../http/browsers.ts";
import { addressOption, requestHeadersOption } from "../http/options.ts";
import { clientTlsOption, serverTlsOption } from "../http/tls.ts";
import { type Config, type Option, type Options, option } from "../option/option.ts";

/** Options of every WebSocket server. */
export const webSocketServerOptions = {
  listen: addressOption("Address and port to listen on.", { default: "127.0.0.1:8090", examples: ["0.0.0.0:8090"] }),
  path: {
    ...option.text("Path that clients connect to; any other is answered with 404.", {
      default: "/",
      examples: ["/events"],
    }),
    title: "a path that begins with /",
    pattern: "^/[^?#\\s]*$",
  } as Option<string>,
  auth: serverAuthOption,
  tls: serverTlsOption,
  ...browserOptions,
  max_connections: option.integer(
    "Maximum number of open connections. Beyond it, the newest one of the client with the most is closed with code 1013, if the new client has fewer; otherwise the answer is 503.",
    {
      default: 256,
      minimum: 1,
    },
  ),
  ping_interval: option.window("How often to ping each client; a client that misses two pings is disconnected.", {
    default: "30s",
  }),
  compression: option.boolean("Offers permessage-deflate. It is slow, and pays off only on slow networks.", {
    default: false,
  }),
} satisfies Options;

export type WebSocketServerConfig = Config<typeof webSocketServerOptions>;

/** Options of every WebSocket client. */
export const webSocketClientOptions = {
  url: {
    ...option.text("URL to connect to.", { examples: ["wss://feed.example.org/events"] }),
    title: "a URL such as wss://example.org/events",
    pattern: "^wss?://[^\\s/?#@]+([/?][^\\s#]*)?$",
  } as Option<string>,
  headers: requestHeadersOption("Additional headers of the handshake, by name."),
  auth: clientAuthOption,
  tls: clientTlsOption,
  connect_timeout: option.window("How long a handshake may take.", { default: "10s" }),
  ping_interval: option.window("How often to ping the server; after two missed pings weir disconnects.", {
    default: "30s",
  }),
  compression: option.boolean("Asks for permessage-deflate. It is slow, and pays off only on slow networks.", {
    default: false,
  }),
} satisfies Options;

export type WebSocketClientConfig = Config<typeof webSocketClientOptions>;
