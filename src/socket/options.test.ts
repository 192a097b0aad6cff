import { expect, it } from "vitest";
import { parseEndpoint, parseTarget } from "./endpoint.ts";
import { checkSocketClient, checkSocketServer, type SocketClientConfig, type SocketServerConfig } from "./options.ts";

it.each([
  ["127.0.0.1:6514", undefined],
  ["udp://127.0.0.1:514", "works only with TCP"],
  ["unix:/run/weir.sock", "works only with TCP"],
])("with TLS, a server listens on TCP: %s", (listen, problem) => {
  const check = (tls: object | undefined) => () =>
    checkSocketServer({ listen: parseEndpoint(listen), tls } as SocketServerConfig);
  expect(check(undefined)).not.toThrow();
  if (problem === undefined) expect(check({ certificate: "c", key: "k" })).not.toThrow();
  else expect(check({ certificate: "c", key: "k" })).toThrow(problem);
});

it.each([
  ["tls://a:6514", { ca: "ca.pem" }, true, undefined],
  ["a:514", { ca: "ca.pem" }, false, 'works only with a "tls://" address, but "address" is "tcp://a:514"'],
  ["unix:/dev/log", { ca: "ca.pem" }, false, 'works only with a "tls://" address'],
  ["udp://a:514", {}, false, undefined],
  ["udp://a:514", {}, true, '"confirm" needs a connection, but "address" is "udp://a:514"'],
  ["a:514", { ca: undefined }, true, undefined],
])("to %s with %j, confirm: %s", (address, tls, confirm, problem) => {
  const check = () => checkSocketClient({ address: parseTarget(address), tls, confirm } as SocketClientConfig);
  if (problem === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(problem);
});
