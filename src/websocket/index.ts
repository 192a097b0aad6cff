export { andMore, Seldom } from "../telemetry/seldom.ts";
export { connectWebSocket, targetOf } from "./connect.ts";
export { openEnvelope } from "./envelope.ts";
export { Heartbeat } from "./heartbeat.ts";
export { MessageIntake } from "./intake.ts";
export { type WebSocketClientConfig, webSocketClientOptions, webSocketServerOptions } from "./options.ts";
export { MessageReception } from "./reception.ts";
export { serveWebSockets } from "./server.ts";
export type { ClientSocket, WebSocketConnection } from "./upgrade.ts";
