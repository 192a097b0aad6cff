import type { ServerResponse } from "node:http";
import { DigestReading } from "../digest-reading.ts";
import type { Offer, Reading } from "../plugin.ts";
import { shortened } from "../text.ts";
import { type BodySource, receiveBody, tooLarge } from "./body.ts";
import { BodyMemory } from "./body-memory.ts";
import { clientOf } from "./client-address.ts";
import { type Decoding, decodingOf, notJson } from "./content.ts";
import { type Decompressor, decompressorOf } from "./content-encoding.ts";
import { full, Refusal, stopping } from "./problem.ts";
import type { Answer, Protocol } from "./protocol.ts";
import type { Reception } from "./reception.ts";
import type { FindRoute } from "./routes.ts";

const methods = ["POST", "PUT"];

/** A request, of HTTP/1.1 or made of one of another protocol. */
export interface IntakeRequest extends BodySource {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

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

/** Turns requests into readings. */
export class RequestIntake {
  readonly #settings: IntakeSettings;
  readonly #memory = new BodyMemory();

  constructor(settings: IntakeSettings) {
    this.#settings = settings;
  }

  /**
   * Resolves with the answer when the events of the request are committed; rejects with a `Refusal`. `unwrap`: gives the body for what is sent, in
   * place of a decompressor by `Content-Encoding`.
   */
  async take(
    request: IntakeRequest,
    response?: Pick<ServerResponse, "writeContinue">,
    unwrap?: Decompressor,
  ): Promise<Answer | undefined> {
    const { maxBody, reception, signal, protocol } = this.#settings;
    const decoding = this.#decoding(request);
    const decompress = unwrap ?? decompressorOf(request.headers["content-encoding"]);
    const declared = Number(request.headers["content-length"] ?? 0);
    if (declared > maxBody) throw tooLarge(maxBody);
    // Before the body is read, so that a client that has to wait need not send it first.
    if (this.#offer(probe) === "full") throw this.#noRoom();
    if (!reception.fits(declared, clientOf(request.socket.remoteAddress))) throw reception.full();
    if (request.headers.expect !== undefined) response?.writeContinue();
    const body = await receiveBody(request, decompress, { maxBody, reception, memory: this.#memory, signal });
    const { bytes, answer } = protocol ? await protocol.read(body, request.headers) : { bytes: body };
    if (bytes.length > 0) await this.#commit(body, bytes, decoding);
    return answer;
  }

  #decoding({ method = "", url = "", headers }: IntakeRequest): Decoding {
    const path = url.split("?", 1)[0]!;
    const routed = this.#settings.route(path);
    if (!methods.includes(method))
      throw new Refusal(405, `${method} is not supported at "${shortened(path, 200)}"; use POST.`, {
        Allow: methods.join(", "),
      });
    this.#settings.protocol?.check(headers);
    return routed ?? decodingOf(headers["content-type"]);
  }

  /** `content`: the body as it was sent, of which `body` was made. */
  #commit(content: Buffer, body: Buffer, decoding: Decoding): Promise<void> {
    const { framing, codec } = decoding;
    const wrong = framing === "items" && codec !== "text" ? notJson(body) : undefined;
    if (wrong !== undefined)
      throw new Refusal(400, `${wrong}; JSON is required. For lines of text, send Content-Type: text/plain.`);
    return new Promise((resolve, reject) => {
      const reading = new DigestReading({
        ...decoding,
        content,
        bytes: body,
        settled: (outcome) => {
          // What a protocol made of it may still be part of the answer.
          if (body === content) this.#memory.takeBack(body);
          if (outcome === "committed") resolve();
          else reject(outcome === "refused" ? tooManyFailures() : stopping());
        },
      });
      if (this.#offer(reading) === "full") reject(this.#noRoom());
    });
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
