/** Where to listen; port 0 is any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, `:port` or `port`; without a host it is the loopback one. `undefined` when it is none of them. */
export const listenAddress = (text: string): ListenAddress | undefined => {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]\s]*)):)?(\d{1,5})$/.exec(text);
  if (!match) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { host: match[1] ?? (match[2] || "127.0.0.1"), port };
};
