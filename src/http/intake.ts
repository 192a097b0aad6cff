import type { ServerResponse } from "node:http";
import { DigestReading } from "../digest-reading.ts";
import type { Offer, Reading } from "../plugin.ts";
import { shortened } from "../text.ts";
import { type BodyLimits, type BodySource, Receiving, receiveBody, tooLarge } from "./body.ts";
import { BodyMemory } from "./body-memory.ts";
import { clientOf } from "./client-address.ts";
import { type Decoding, decodingOf, notJson } from "./content.ts";
import { type Decompressor, decompressorOf } from "./content-encoding.ts";
import { full, Refusal, stopping } from "./problem.ts";
import type { Answer, Protocol } from "./protocol.ts";
import type { Reception } from "./reception.ts";
import type { FindRoute } from "./routes.ts";

const methods = ["POST", "PUT"];

/** The head of a request, in HTTP/1.1 or another protocol. */
export interface IntakeHead extends Pick<BodySource, "headers" | "socket"> {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

export type IntakeRequest = IntakeHead & BodySource;

export interface IntakeSettings {
  readonly maxBody: number;
  readonly reception: Reception;
  readonly signal: AbortSignal;
  readonly offer: (reading: Reading) => Offer;
  readonly route: FindRoute;
  readonly protocol?: Protocol | undefined;
}

const tooManyFailures = (): Refusal =>
  new Refusal(
    400,
    "More than 1000 items of the body are not events. The items before them were taken, and the rest was not read.",
  );

/** Asks whether there is room, without offering any data. */
const probe: Reading = { stream: "probe", position: 0, bytes: new Uint8Array(0), once: true };

/** A request that may send its body. */
export interface Accepted {
  readonly head: IntakeHead;
  readonly decoding: Decoding;
  readonly decompress: Decompressor | undefined;
}

/** What a protocol puts around a body. */
export interface Envelope {
  /** Makes the body from the sent bytes, in place of a decompressor chosen by `Content-Encoding`. */
  readonly unwrap: Decompressor;
  /** How many bytes it adds, which do not count for the largest body. */
  readonly overhead: number;
}

/** Turns requests into readings. */
export class RequestIntake {
  readonly #settings: IntakeSettings;
  readonly #memory = new BodyMemory();
  readonly #limits: BodyLimits;

  constructor(settings: IntakeSettings) {
    this.#settings = settings;
    this.#limits = { ...settings, memory: this.#memory };
  }

  /** Resolves with the answer when the events of the request are committed; rejects with a `Refusal`. */
  async take(
    request: IntakeRequest,
    response?: Pick<ServerResponse, "writeContinue">,
    envelope?: Envelope,
  ): Promise<Answer | undefined> {
    const accepted = this.accept(request, envelope);
    if (request.headers.expect !== undefined) response?.writeContinue();
    return await this.finish(accepted, await receiveBody(request, { ...this.#limits, overhead: envelope?.overhead }));
  }

  /** Checks a request before its body is read, so that a client that has to wait need not send it first. Throws a `Refusal`. */
  accept(head: IntakeHead, { unwrap, overhead = 0 }: Partial<Envelope> = {}): Accepted {
    const { maxBody, reception } = this.#settings;
    const { headers, socket } = head;
    const decoding = this.#decoding(head);
    const decompress = unwrap ?? decompressorOf(headers["content-encoding"]);
    const declared = Number(headers["content-length"] ?? 0);
    if (declared > maxBody + overhead) throw tooLarge(maxBody);
    if (this.#offer(probe) === "full") throw this.#noRoom();
    if (!reception.fits(declared, clientOf(socket.remoteAddress))) throw reception.full();
    return { head, decoding, decompress };
  }

  /** Receives the body of an accepted request in parts. `end`: called with the refusal when others need its memory. */
  receive({ head }: Accepted, end: (refusal: Refusal) => void): Receiving {
    return new Receiving(head, this.#limits, end);
  }

  /** Takes a body that has been received, as `take` does. */
  async finish({ head, decoding, decompress }: Accepted, receiving: Receiving): Promise<Answer | undefined> {
    const { protocol } = this.#settings;
    let body: Buffer;
    try {
      body = await receiving.complete(decompress);
    } finally {
      receiving.release();
    }
    const { bytes, answer } = protocol ? await protocol.read(body, head.headers) : { bytes: body };
    if (bytes.length > 0)
      await new Promise<void>((resolve, reject) =>
        this.#commit(body, bytes, decoding, (refusal) => (refusal ? reject(refusal) : resolve())),
      );
    return answer;
  }

  /**
   * Takes a body that has arrived in one piece. Returns false if it cannot, because the body has to be decompressed or read by a protocol.
   * Calls `done` when the body is committed, or with a refusal, maybe before this returns. Throws a `Refusal`.
   */
  takeAtOnce({ decoding, decompress }: Accepted, body: Buffer, done: (refusal?: Refusal) => void): boolean {
    if (decompress || this.#settings.protocol) return false;
    if (body.length > 0) this.#commit(body, body, decoding, done);
    else done();
    return true;
  }

  #decoding({ method = "", url = "", headers }: IntakeHead): Decoding {
    const path = url.split("?", 1)[0]!;
    const routed = this.#settings.route(path);
    if (!methods.includes(method))
      throw new Refusal(405, `${method} is not supported at "${shortened(path, 200)}"; use POST.`, {
        Allow: methods.join(", "),
      });
    this.#settings.protocol?.check(headers);
    return routed ?? decodingOf(headers["content-type"]);
  }

  /** `content`: the body as it was sent, from which `body` was made. Throws a `Refusal`, or calls `done` with one. */
  #commit(content: Buffer, body: Buffer, decoding: Decoding, done: (refusal?: Refusal) => void): void {
    const { framing, codec } = decoding;
    const wrong = framing === "items" && codec !== "text" ? notJson(body) : undefined;
    if (wrong !== undefined)
      throw new Refusal(400, `${wrong}; JSON is required. For lines of text, send Content-Type: text/plain.`);
    const reading = new DigestReading({
      ...decoding,
      content,
      bytes: body,
      settled: (outcome) => {
        // What a protocol made from it may still be part of the answer.
        if (body === content) this.#memory.takeBack(body);
        if (outcome === "committed") done();
        else done(outcome === "refused" ? tooManyFailures() : stopping());
      },
    });
    if (this.#offer(reading) === "full") throw this.#noRoom();
  }

  #offer(reading: Reading): Offer {
    return this.#settings.offer(reading);
  }

  #noRoom(): Refusal {
    return this.#settings.signal.aborted
      ? stopping()
      : full("The pipeline is full: earlier events are still being processed. Send the request again in a second.");
  }
}
