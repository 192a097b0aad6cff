import { isIPv6 } from "node:net";
import { option } from "../option/option.ts";

/** Where a socket listens, or connects to. `path`: of a Unix socket. */
export type Endpoint = TcpEndpoint | UdpEndpoint | UnixEndpoint;
export interface TcpEndpoint {
  readonly protocol: "tcp";
  readonly host: string;
  readonly port: number;
}
export interface UdpEndpoint {
  readonly protocol: "udp";
  readonly host: string;
  readonly port: number;
}
export interface UnixEndpoint {
  readonly protocol: "unix";
  readonly path: string;
}

/** Reads `host:port`, `tcp://host:port`, `udp://host:port` or `unix:/path`. Throws an error whose message says what is wrong. */
export const parseEndpoint = (text: string): Endpoint => {
  if (text.startsWith("unix:")) {
    const path = text.slice(5).replace(/^\/\/(?=\/)/, "");
    if (!path.startsWith("/")) throw new Error('the path of a Unix socket must begin with "/"');
    // The system cuts a longer path, and would listen at another one.
    if (Buffer.byteLength(path) > 107) throw new Error("the path of a Unix socket can have at most 107 bytes");
    return { protocol: "unix", path };
  }
  const [, protocol = "tcp", bracketed, plain, digits] =
    /^(?:(tcp|udp):\/\/)?(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined) throw new Error("it must have a host and a port");
  if (port > 65_535) throw new Error(`port ${port} does not exist; the highest is 65535`);
  return protocol === "udp" ? { protocol: "udp", host, port } : { protocol: "tcp", host, port };
};

/** An option that is an endpoint, with its examples. */
export const endpointOption = option.compiled(
  "an address such as 127.0.0.1:5140, udp://127.0.0.1:5140 or unix:/run/weir/syslog.sock",
  parseEndpoint,
);

/** Where a sink connects to; `isSecure`: with TLS. */
export type Target = (TcpEndpoint & { readonly isSecure: boolean }) | UdpEndpoint | UnixEndpoint;

/** Reads the same as `parseEndpoint`, and `tls://host:port`. Throws an error whose message says what is wrong. */
export const parseTarget = (text: string): Target => {
  const isSecure = text.startsWith("tls://");
  const endpoint = parseEndpoint(isSecure ? `tcp${text.slice(3)}` : text);
  if (endpoint.protocol !== "unix" && endpoint.port === 0) throw new Error("it is not possible to send to port 0");
  return endpoint.protocol === "tcp" ? { ...endpoint, isSecure } : endpoint;
};

export const targetOption = option.compiled(
  "an address such as logs.example.org:514, tls://logs.example.org:6514, udp://10.0.0.5:514 or unix:/dev/log",
  parseTarget,
);

/** `host:port`, an IPv6 address in brackets. */
export const hostAndPort = (host: string, port: number): string => `${isIPv6(host) ? `[${host}]` : host}:${port}`;

/** As it is written in a pipeline. */
export const endpointText = (endpoint: Endpoint | Target): string => {
  if (endpoint.protocol === "unix") return `unix:${endpoint.path}`;
  const scheme = "isSecure" in endpoint && endpoint.isSecure ? "tls" : endpoint.protocol;
  return `${scheme}://${hostAndPort(endpoint.host, endpoint.port)}`;
};
