/** An address to listen on; port 0 is any free port. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, `:port` or `port`, by default on the loopback address; `undefined` for any other text. */
export const listenAddress = (text: string): ListenAddress | undefined => {
  const match = /^(?:(?:\[([^\]]+)\]|([^:[\]\s]*)):)?(\d{1,5})$/.exec(text);
  if (!match) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { host: match[1] ?? (match[2] || "127.0.0.1"), port };
};
