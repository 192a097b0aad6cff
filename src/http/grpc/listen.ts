import type { IncomingHttpHeaders } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import { longestTimer } from "../../clock.ts";
import { shortened } from "../../text.ts";
import type { Guard } from "../auth.ts";
import { clientOf } from "../client-address.ts";
import { decompressorOf } from "../content-encoding.ts";
import type { RequestIntake } from "../intake.ts";
import { full, Refusal } from "../problem.ts";
import type { ServerSettings } from "../server.ts";
import { Shares } from "../shares.ts";
import { Call } from "./call.ts";
import { deadlineIn, deadlinePassed } from "./deadline.ts";
import { envelopeOf, framed } from "./frame.ts";
import { type RunningGrpcServer, startGrpcServer } from "./server.ts";
import { statusHeaders } from "./status.ts";

/** A unary method, whose calls are handled as HTTP requests. */
export interface GrpcMethod {
  /** `host:port`. */
  readonly listen: string;
  /** Its path, such as `/package.Service/Method`. */
  readonly method: string;
  /** The path and the `Content-Type` of the requests. */
  readonly path: string;
  readonly type: string;
}

export interface GrpcListening {
  readonly settings: Omit<ServerSettings, "listen">;
  readonly grpc: GrpcMethod;
  readonly intake: RequestIntake;
  readonly guard: Guard;
  /** Called for each call that is refused. */
  readonly refused: (refusal: Refusal) => void;
  /** Called with errors other than a `Refusal`. */
  readonly failed: (error: unknown) => void;
}

/** Answers calls of a unary method until it is stopped. Rejects with a sentence when it cannot listen on the address. */
export const listenGrpc = ({
  settings,
  grpc,
  intake,
  guard,
  refused,
  failed,
}: GrpcListening): Promise<RunningGrpcServer> => {
  const underWay = new CallsUnderWay();
  return startGrpcServer({ ...settings, listen: grpc.listen }, async (stream, headers) => {
    if (!isCall(headers)) return stream.respond({ ":status": 415 }, { endStream: true });
    const reply = new Reply(stream);
    const refuse = (refusal: Refusal) => {
      if (reply.refuse(refusal)) refused(refusal);
    };
    const refuseAfter = (ms: number, refusal: () => Refusal) => {
      const timer = setTimeout(() => refuse(refusal()), Math.min(ms, longestTimer));
      const clear = () => clearTimeout(timer);
      stream.once("close", clear);
      return clear;
    };
    stream.once("end", refuseAfter(settings.timeout, tooSlow));
    let done: (() => void) | undefined;
    try {
      const { socket } = stream.session!;
      check(headers, grpc.method);
      const deadline = deadlineIn(headers);
      if (deadline !== undefined) refuseAfter(deadline, deadlinePassed);
      guard({ headers, socket: socket as Parameters<Guard>[0]["socket"] });
      const { remoteAddress } = socket;
      done = underWay.begin(stream, clientOf(remoteAddress));
      const call = new Call({ stream, url: grpc.path, headers: { "content-type": grpc.type }, remoteAddress });
      const encoding = headers["grpc-encoding"];
      const decompress = decompressorOf(typeof encoding === "string" ? encoding : undefined, "grpc-encoding");
      const answer = await intake.take(call, undefined, envelopeOf(decompress));
      reply.send(answer?.body ?? new Uint8Array(0));
    } catch (error) {
      const refusal = error instanceof Refusal ? error : new Refusal(500, "Internal error; see the log of weir.");
      refuse(refusal);
      if (error !== refusal) failed(error);
    } finally {
      done?.();
    }
  });
};

const check = (headers: IncomingHttpHeaders, method: string): void => {
  const path = String(headers[":path"]);
  if (path !== method)
    throw new Refusal(404, `There is no method "${shortened(path, 200)}". weir supports only ${method}.`);
};

const tooSlow = (): Refusal => new Refusal(408, "The call took too long to arrive. Send it again.");

/** Whether an HTTP/2 request is a gRPC call. Others are answered with an HTTP status. */
const isCall = (headers: IncomingHttpHeaders): boolean =>
  headers[":method"] === "POST" && /^application\/grpc(\+proto)?( *;|$)/i.test(headers["content-type"] ?? "");

/** The most concurrent calls. Each takes memory and time, however small its message is. */
const mostCalls = 2_048;

/** Counts the open calls. Clients share the limit equally. */
class CallsUnderWay {
  readonly #shares = new Shares(mostCalls);

  /** Throws a `Refusal`, 429, if it is one too many of its client. Call the result when weir is done with it. */
  begin(stream: ServerHttp2Stream, client: string): () => void {
    if (!this.#shares.hasRoom(1) && !this.#shares.isWithin(client, 1))
      throw full("There are too many concurrent calls. Send this one again in a second.");
    this.#shares.take(client, 1);
    // A client can reset a call on which weir still works, and begin another.
    let left = 2;
    const over = () => {
      if (--left === 0) this.#shares.release(client, 1);
    };
    stream.once("close", over);
    return over;
  }
}

/** The answer to one call. Only the first is sent; later ones are ignored. */
class Reply {
  readonly #stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream;
  }

  send(message: Uint8Array): void {
    const stream = this.#stream;
    if (!this.#isOpen) return;
    stream.respond(head, { waitForTrailers: true });
    stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": 0 }));
    stream.end(framed(message));
  }

  /** Sends an error, if there is no answer yet, and returns whether it was sent. Discards the rest of the call. */
  refuse(refusal: Refusal): boolean {
    const stream = this.#stream;
    if (!this.#isOpen) return false;
    stream.respond({ ...head, ...statusHeaders(refusal) }, { endStream: true });
    stream.resume();
    // Without an error, so that the client reads the answer: RFC 9113, section 8.1.
    if (!stream.readableEnded) stream.close(0);
    return true;
  }

  get #isOpen(): boolean {
    return !(this.#stream.headersSent || this.#stream.closed || this.#stream.destroyed);
  }
}

const head = {
  ":status": 200,
  "content-type": "application/grpc",
  "grpc-accept-encoding": "identity,gzip,deflate,zstd",
};
