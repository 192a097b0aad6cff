import type { IncomingMessage } from "node:http";

/** What comes before the body of a request, and where it comes from. */
export type RequestHead = Pick<IncomingMessage, "method" | "url" | "headers" | "socket">;
