import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { isPublic } from "../http/server.ts";
import type { Offer, Reading, SourceContext } from "../plugin.ts";
import { Datagrams, openDatagramSocket } from "./datagrams.ts";
import { endpointText, hostAndPort, type TcpEndpoint, type UdpEndpoint, type UnixEndpoint } from "./endpoint.ts";
import type { SocketServerConfig } from "./options.ts";
import { startStreamServer } from "./stream-server.ts";
import { Streams } from "./streams.ts";

type Context = SourceContext<SocketServerConfig>;
type Offering = (reading: Reading) => Offer;

/**
 * Listens on a socket until the source stops. Of TCP and of a Unix socket, each connection is a stream; with UDP, each datagram
 * is a record. Rejects with a sentence when it cannot listen.
 */
export const listenSocket = async (context: Context, offer: Offering): Promise<void> => {
  const { listen } = context.config;
  await (listen.protocol === "udp" ? listenUdp(listen, context, offer) : listenStreams(listen, context, offer));
};

const listenStreams = async (listen: TcpEndpoint | UnixEndpoint, context: Context, offer: Offering): Promise<void> => {
  const { config, log } = context;
  const { tls } = config;
  const server = await startStreamServer(listen, config);
  server.on("error", ({ message }) => log.error(`server error: ${message}`));
  const streams = new Streams(context, offer);
  streams.watch(server);
  if (listen.protocol === "unix") log.info(`listening on ${endpointText(listen)}`);
  else {
    const { address, port } = server.address() as AddressInfo;
    log.info(`listening on ${tls ? "tls" : "tcp"}://${hostAndPort(address, port)}`);
    if (!tls?.client_ca) warnIfPublic(context, address, port);
  }
  await stopped(context);
  server.close();
  await streams.close();
};

const listenUdp = async (listen: UdpEndpoint, context: Context, offer: Offering): Promise<void> => {
  const { receive_buffer } = context.config;
  const datagrams = new Datagrams(context, offer);
  const socket = await openDatagramSocket(listen, receive_buffer);
  socket.on("error", ({ message }) => context.log.error(`server error: ${message}`));
  datagrams.watch(socket);
  const { address, port } = socket.address();
  context.log.info(`listening on udp://${hostAndPort(address, port)}`);
  warnIfPublic(context, address, port);
  // Linux says twice what it gives, for what it adds itself.
  const got = socket.getRecvBufferSize() / (process.platform === "linux" ? 2 : 1);
  if (receive_buffer !== undefined && got < receive_buffer)
    context.log.warn(
      `"receive_buffer" is ${receive_buffer} bytes, but the system allows only ${got}; raise net.core.rmem_max`,
    );
  const drops = datagrams.watchDrops(port);
  await stopped(context);
  socket.close();
  await once(socket, "close");
  await datagrams.settled();
  await drops;
};

const stopped = async ({ signal }: Context): Promise<void> => {
  if (!signal.aborted) await once(signal, "abort");
};

const warnIfPublic = ({ log }: Context, address: string, port: number): void => {
  const shown = hostAndPort(address, port);
  if (isPublic(shown))
    log.warn(`anyone who can reach "${shown}" can send events; restrict access with a firewall or "tls.client_ca"`);
};
