export { DatagramSender } from "./datagram-sender.ts";
export { endpointText } from "./endpoint.ts";
export { listenSocket } from "./listen.ts";
export {
  checkSocketClient,
  checkSocketServer,
  type SocketClientConfig,
  socketClientOptions,
  socketServerOptions,
} from "./options.ts";
export { StreamSender } from "./stream-sender.ts";
