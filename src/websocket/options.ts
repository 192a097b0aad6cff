import { clientAuthOption, serverAuthOption } from "../http/auth.ts";
import { addressOption, requestHeadersOption } from "../http/options.ts";
import { clientTlsOption, serverTlsOption } from "../http/tls.ts";
import { type Config, type Option, type Options, option } from "../option/option.ts";

/** What every WebSocket server of weir can be told. */
export const webSocketServerOptions = {
  listen: addressOption("Where to listen.", { default: "127.0.0.1:8090", examples: ["0.0.0.0:8090"] }),
  path: {
    ...option.text("The path that clients connect to; any other gets a 404.", { default: "/", examples: ["/events"] }),
    title: "a path that begins with /",
    pattern: "^/[^?#\\s]*$",
  } as Option<string>,
  auth: serverAuthOption,
  tls: serverTlsOption,
  origins: option.list(option.text)(
    "Origins of web pages that may connect, as browsers send them; `*` is any. Clients that are no browser send none.",
    { default: [], examples: [["https://console.example.org"]] },
  ),
  max_connections: option.integer("Connections at a time; one more gets a 503.", { default: 256, minimum: 1 }),
  ping_interval: option.window(
    "How often a client is asked whether it is there; it is cut off after the second miss.",
    {
      default: "30s",
    },
  ),
  compression: option.boolean("Offers permessage-deflate: slow, and worth it on thin lines only.", { default: false }),
} satisfies Options;

export type WebSocketServerConfig = Config<typeof webSocketServerOptions>;

/** What every WebSocket client of weir can be told. */
export const webSocketClientOptions = {
  url: {
    ...option.text("Where to connect to.", { examples: ["wss://feed.example.org/events"] }),
    title: "a URL such as wss://example.org/events",
    pattern: "^wss?://[^\\s/?#@]+([/?][^\\s#]*)?$",
  } as Option<string>,
  headers: requestHeadersOption("More headers of the handshake, by name."),
  auth: clientAuthOption,
  tls: clientTlsOption,
  connect_timeout: option.window("How long a handshake may take.", { default: "10s" }),
  ping_interval: option.window(
    "How often the server is asked whether it is there; after the second miss weir hangs up.",
    { default: "30s" },
  ),
  compression: option.boolean("Asks for permessage-deflate: slow, and worth it on thin lines only.", {
    default: false,
  }),
} satisfies Options;

export type WebSocketClientConfig = Config<typeof webSocketClientOptions>;
