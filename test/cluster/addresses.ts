/**
 * The servers of a run. Each has a loopback address of its own, which no client has: otherwise a connection could take the
 * port of a server that is down for a moment.
 */
export const addresses = {
  etcd: "127.0.0.11",
  etcdPeer: "127.0.0.12",
  apiServer: "127.0.0.13",
  weir: "127.0.0.14",
} as const;
