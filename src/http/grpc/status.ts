import { WireWriter } from "../../otlp/wire-writer.ts";
import type { Refusal } from "../problem.ts";

/** gRPC status codes: https://grpc.io/docs/guides/status-codes/ */
const codes = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** By HTTP status. Clients retry UNAVAILABLE and DEADLINE_EXCEEDED, but RESOURCE_EXHAUSTED only with a RetryInfo. */
const codeByStatus: Readonly<Record<number, number>> = {
  400: codes.invalidArgument,
  401: codes.unauthenticated,
  403: codes.permissionDenied,
  404: codes.unimplemented,
  408: codes.deadlineExceeded,
  413: codes.resourceExhausted,
  415: codes.unimplemented,
};

const codeOf = ({ status }: Refusal): number => codeByStatus[status] ?? codes.unavailable;

/** The headers that end a call without a message. With `Retry-After`, they say when to try again. */
export const statusHeaders = (refusal: Refusal): Record<string, string | number> => {
  const code = codeOf(refusal);
  const retryAfter = Number(refusal.headers["Retry-After"]);
  return {
    "grpc-status": code,
    "grpc-message": percentEncoded(refusal.message),
    ...(retryAfter > 0 && {
      "grpc-status-details-bin": details(code, refusal.message, retryAfter).toString("base64").replace(/=+$/, ""),
    }),
  };
};

/** Only printable ASCII characters may be in the header, and a percent sign begins a byte. */
const percentEncoded = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) => {
      const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
      return isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");

/** A `google.rpc.Status` with a `google.rpc.RetryInfo`, whose delay is in seconds. */
const details = (code: number, message: string, delay: number): Buffer => {
  const duration = new WireWriter();
  duration.message(1, () => duration.varint(1, BigInt(Math.ceil(delay))));
  const status = new WireWriter();
  status.message(3, () => {
    status.bytes(2, duration.done());
    status.text(1, "type.googleapis.com/google.rpc.RetryInfo");
  });
  status.text(2, message);
  status.varint(1, BigInt(code));
  return status.done();
};
