import { setImmediate as nextTurn } from "node:timers/promises";
import type { Protocol } from "weir/http";
import { Refusal, Turns } from "weir/http";
import {
  EventText,
  encodingOf,
  type OtlpEncoding,
  OtlpError,
  otlpTypes,
  RefusedRecord,
  recordsInJson,
  recordsInProtobuf,
  responseBody,
  statusBody,
} from "weir/otlp";

/** How long to decode in one turn of the event loop, in milliseconds. */
const turn = 10;
/** Comes in place of a record where there is much to read without one. */
const pause = Symbol("pause");
/** How many times larger than `max_body` the events of a body may be, since each has a copy of its resource. */
const mostGrowth = 4;

const supported = [otlpTypes.protobuf, otlpTypes.json];

/** OTLP/HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp. Bodies become lines of JSON, one for each record. */
export const otlpProtocol = ({ max_body, max_receiving }: Limits): Protocol => {
  // One body at a time, since its events take more memory than the body.
  const inTurn = new Turns(max_receiving);
  return {
    check: (headers) => void knownEncoding(headers["content-type"]),
    async read(body, headers) {
      const encoding = knownEncoding(headers["content-type"]);
      const { bytes, refused, why } = await inTurn.run(body.length, () =>
        linesOf(body, encoding, max_body * mostGrowth),
      );
      const message = `weir could not process ${refused} of the records (${why}); they went to its dead letter`;
      const partial = refused > 0 ? { rejected: BigInt(refused), message } : undefined;
      return { bytes, answer: { type: otlpTypes[encoding], body: responseBody(encoding, partial) } };
    },
    refusal(message, headers) {
      const encoding = encodingOf(headers["content-type"]);
      return encoding && { type: otlpTypes[encoding], body: statusBody(encoding, message) };
    },
  };
};

interface Limits {
  readonly max_body: number;
  readonly max_receiving: number;
}

const knownEncoding = (contentType: string | undefined): OtlpEncoding => {
  const encoding = encodingOf(contentType);
  if (encoding) return encoding;
  const found = contentType === undefined ? "A request without a Content-Type" : `The Content-Type "${contentType}"`;
  throw new Refusal(415, `${found} is not OTLP. Use ${supported.join(" or ")}.`, {
    "Accept-Post": supported.join(", "),
  });
};

interface Lines {
  readonly bytes: Buffer;
  readonly refused: number;
  /** What is wrong with the first refused record. */
  readonly why: string;
}

const linesOf = async (body: Buffer, encoding: OtlpEncoding, limit: number): Promise<Lines> => {
  const events = new EventText();
  const blocks: Buffer[] = [];
  let [lines, length, refused, why] = ["", 0, 0, ""];
  // Protobuf strings that are not valid UTF-8 pass through unchanged: the option `invalid_text` decides about them.
  const charset = encoding === "protobuf" ? "latin1" : "utf8";
  const flush = () => {
    const block = Buffer.from(lines, charset);
    lines = "";
    length += block.length;
    if (length > limit)
      throw new Refusal(
        413,
        `The events of the request, each with its resource, are larger than ${limit} bytes. Send fewer records per request.`,
      );
    blocks.push(block);
  };
  let ends = performance.now() + turn;
  try {
    const records = encoding === "protobuf" ? recordsInProtobuf(body, charset, pause) : recordsInJson(body, pause);
    for (const found of records) {
      if (found !== pause) {
        const { origin, record } = found;
        if (record instanceof RefusedRecord) {
          refused++;
          why ||= record.message;
          lines += `${record.message}; the record in base64: ${record.bytes.toString("base64")}\n`;
        } else lines += `${events.line({ origin, record })}\n`;
        if (lines.length > 64 * 1024) flush();
      }
      // A record may take long by itself, so that each is followed by a look at the clock.
      if (performance.now() < ends) continue;
      await nextTurn();
      ends = performance.now() + turn;
    }
  } catch (error) {
    if (!(error instanceof OtlpError)) throw error;
    throw new Refusal(
      400,
      `The body is not an ExportLogsServiceRequest in ${encoding === "json" ? "JSON" : encoding}: ${error.message}.`,
    );
  }
  flush();
  return { bytes: Buffer.concat(blocks), refused, why };
};
