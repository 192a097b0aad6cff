import { clientTlsGroup, serverTlsGroup } from "../http/tls.ts";
import { type Config, type Options, option } from "../option/option.ts";
import { OptionError } from "../option/option-error.ts";
import { endpointOption, endpointText, targetOption } from "./endpoint.ts";

const fileMode = option.compiled("a file mode in octal such as 0660", (text) => {
  if (!/^0?[0-7]{3}$/.test(text)) throw new Error("it must be three octal digits");
  return Number.parseInt(text, 8);
});

/** Options of every source that listens on a socket. */
export const socketServerOptions = (defaults: { readonly listen: string }) =>
  ({
    listen: endpointOption(
      "Where to listen: `host:port` for TCP, `udp://host:port`, or `unix:/path` for a stream socket. Port 0 picks a free port, which the log shows.",
      { default: defaults.listen, examples: ["0.0.0.0:514", "udp://0.0.0.0:514", "unix:/run/weir/syslog.sock"] },
    ),
    tls: option.optional(serverTlsGroup("TLS settings, for TCP only.")),
    socket_mode: fileMode("Permissions of the Unix socket.", { default: "0660" }),
    max_connections: option.integer(
      "Maximum number of open connections. Above it, weir closes a connection of the client that has the most, or the new one. All servers together use at most a quarter of the process's file descriptors.",
      { default: 1024, minimum: 1 },
    ),
    idle_timeout: option.optional(
      option.window(
        "Closes a connection that has been idle for this long. Off by default: most senders lose the next message when they find the connection closed.",
      ),
    ),
    max_buffered: option.bytes(
      "UDP: memory for datagrams that wait for slow sinks. When it is full, weir drops and counts new datagrams.",
      { default: "16MiB" },
    ),
    receive_buffer: option.optional(
      option.bytes(
        "UDP: size of the socket's receive buffer (SO_RCVBUF), up to the system's limit (`net.core.rmem_max`).",
      ),
    ),
  }) satisfies Options;

/** Throws an `OptionError` if the options of a client do not fit together. */
export const checkSocketClient = ({ address, tls, confirm }: SocketClientConfig): void => {
  const shown = endpointText(address);
  const isSecure = address.protocol === "tcp" && address.isSecure;
  if (!isSecure && Object.values(tls).some((value) => value !== undefined))
    throw new OptionError(`"tls" works only with a "tls://" address, but "address" is "${shown}"`, ["tls"], {
      hint: 'Begin the address with "tls://", or remove "tls".',
    });
  if (confirm && address.protocol === "udp")
    throw new OptionError(`"confirm" needs a connection, but "address" is "${shown}"`, ["confirm"], {
      hint: 'Remove "confirm", or send over TCP, TLS or a Unix socket.',
    });
};

/** Throws an `OptionError` if the options of a server do not fit together. */
export const checkSocketServer = ({ listen, tls }: SocketServerConfig): void => {
  if (tls && listen.protocol !== "tcp")
    throw new OptionError(`"tls" works only with TCP, but "listen" is "${endpointText(listen)}"`, ["tls"], {
      hint: 'Remove "tls", or listen on a TCP address.',
    });
};

export type SocketServerConfig = Config<ReturnType<typeof socketServerOptions>>;

/** Options of every sink that writes to a socket. */
export const socketClientOptions = {
  address: targetOption(
    "Where to send: `host:port` for TCP, `tls://host:port`, `udp://host:port`, or `unix:/path` for a stream socket.",
    { examples: ["logs.example.org:514", "tls://logs.example.org:6514", "udp://10.0.0.5:514"] },
  ),
  tls: clientTlsGroup("TLS settings for `tls://`."),
  confirm: option.boolean(
    "TCP, TLS, Unix: closes the connection after each write, and counts events as delivered when the receiver has read everything and closed its side. If false, the connection stays open; see below.",
    { default: false },
  ),
  connect_timeout: option.window("Time limit for connecting, including the TLS handshake.", { default: "10s" }),
} satisfies Options;

export type SocketClientConfig = Config<typeof socketClientOptions>;
