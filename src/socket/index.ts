export { listenSocket } from "./listen.ts";
export { socketServerOptions } from "./options.ts";
