import http2, { type ClientHttp2Session, type OutgoingHttpHeaders, type SecureClientSessionOptions } from "node:http2";
import { onTestFinished } from "vitest";
import { message } from "../../src/otlp/testing/schema.ts";

export const method = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

/** How a call ended. */
export interface Ended {
  /** Of HTTP. */
  readonly status: number | undefined;
  /** Of gRPC. */
  readonly code: number;
  readonly text: string;
  /** What is rejected in part. */
  readonly partial: unknown;
  /** When to try again, in seconds. */
  readonly retryAfter: number | undefined;
}

/** A connection, which is closed when the test is over. */
export const connect = (address: string, options: SecureClientSessionOptions = {}): ClientHttp2Session => {
  const session = http2.connect(`${options.ca ? "https" : "http"}://${address}`, options);
  session.on("error", () => undefined);
  onTestFinished(() => session.destroy());
  return session;
};

/** A message as gRPC sends it. */
export const framed = (content: Buffer, isCompressed = false): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt8(Number(isCompressed));
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
};

/** Sends frames as a call, and resolves when it has ended. Rejects if it ends without a status. */
export const call = (session: ClientHttp2Session, frames: Buffer, headers: OutgoingHttpHeaders = {}): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const all = { ":method": "POST", ":path": method, "content-type": "application/grpc", te: "trailers", ...headers };
    const stream = session.request(all);
    const parts: Buffer[] = [];
    let found: Record<string, unknown> = {};
    stream.on("response", (received) => (found = { ...found, ...received }));
    stream.on("trailers", (received) => (found = { ...found, ...received }));
    stream.on("data", (part: Buffer) => parts.push(part));
    stream.on("error", reject);
    stream.on("close", () => resolve(endedWith(found, Buffer.concat(parts))));
    stream.end(frames);
  });

const endedWith = (headers: Record<string, unknown>, body: Buffer): Ended => {
  const response = message("ExportLogsServiceResponse");
  const answer = body.length === 0 ? {} : response.toObject(response.decode(body.subarray(5)), { longs: String });
  return {
    status: headers[":status"] as number | undefined,
    code: Number(headers["grpc-status"]),
    text: decodeURIComponent(String(headers["grpc-message"] ?? "")),
    partial: answer["partialSuccess"],
    retryAfter: retryAfterIn(headers["grpc-status-details-bin"]),
  };
};

/** What the RetryInfo in a google.rpc.Status says. */
const retryAfterIn = (bytes: unknown): number | undefined => {
  if (typeof bytes !== "string") return undefined;
  const status = message("Status");
  const { details } = status.toObject(status.decode(Buffer.from(bytes, "base64")));
  const { typeUrl, value } = details[0];
  if (typeUrl !== "type.googleapis.com/google.rpc.RetryInfo") throw new Error(`the details are of type ${typeUrl}`);
  const info = message("RetryInfo");
  return info.toObject(info.decode(value), { longs: Number })["retryDelay"].seconds;
};
