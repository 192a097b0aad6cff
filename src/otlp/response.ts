import { isObject } from "../json.ts";
import { WireReader } from "./wire-reader.ts";
import { WireWriter } from "./wire-writer.ts";

/** The two encodings of OTLP over HTTP, as media types. */
export const otlpTypes = { protobuf: "application/x-protobuf", json: "application/json" } as const;
export type OtlpEncoding = keyof typeof otlpTypes;

/** What an `ExportLogsServiceResponse` says of the records that were not taken. */
export interface PartialSuccess {
  readonly rejected: bigint;
  readonly message: string;
}

/** An `ExportLogsServiceResponse`; without `partial`, all records were taken. */
export const responseBody = (encoding: OtlpEncoding, partial?: PartialSuccess): Buffer => {
  if (encoding === "json") {
    const partialSuccess = partial && { rejectedLogRecords: String(partial.rejected), errorMessage: partial.message };
    return Buffer.from(JSON.stringify({ partialSuccess }));
  }
  const writer = new WireWriter();
  if (partial)
    writer.message(1, () => {
      writer.text(2, partial.message);
      writer.varint(1, partial.rejected);
    });
  return writer.done();
};

/** The body of an error: a `google.rpc.Status` with the message only. */
export const statusBody = (encoding: OtlpEncoding, message: string): Buffer => {
  if (encoding === "json") return Buffer.from(JSON.stringify({ message }));
  const writer = new WireWriter();
  writer.text(2, message);
  return writer.done();
};

/** The encoding of a body of this `Content-Type`. */
export const encodingOf = (contentType: string | undefined): OtlpEncoding | undefined => {
  const name = (contentType ?? "").split(";", 1)[0]!.trim().toLowerCase();
  if (name === otlpTypes.json) return "json";
  return name === otlpTypes.protobuf || name === "application/protobuf" ? "protobuf" : undefined;
};

/** Reads an `ExportLogsServiceResponse`; undefined if all records were taken. Throws if it cannot be decoded. */
export const partialSuccessIn = (encoding: OtlpEncoding, body: Buffer): PartialSuccess | undefined => {
  const partial = encoding === "json" ? partialInJson(body) : partialInProtobuf(body);
  return partial.rejected === 0n && partial.message === "" ? undefined : partial;
};

const partialInJson = (body: Buffer): PartialSuccess => {
  const text = body.toString("utf8");
  const response: unknown = text.trim() === "" ? {} : JSON.parse(text);
  const partial = isObject(response) ? (response["partialSuccess"] ?? {}) : response;
  if (!isObject(partial)) throw new Error("it is not an ExportLogsServiceResponse");
  const { rejectedLogRecords = 0, errorMessage = "" } = partial;
  return { rejected: BigInt(String(rejectedLogRecords)), message: String(errorMessage) };
};

const partialInProtobuf = (body: Buffer): PartialSuccess => {
  let [rejected, message] = [0n, ""];
  const response = new WireReader(body, "utf8");
  for (let field = response.next(); field !== 0; field = response.next()) {
    if (field !== 1 || !response.isDelimited) {
      response.skip();
      continue;
    }
    const partial = response.message();
    for (let inner = partial.next(); inner !== 0; inner = partial.next())
      if (inner === 1 && partial.isVarint) rejected = partial.int64();
      else if (inner === 2 && partial.isDelimited) message = partial.text();
      else partial.skip();
  }
  return { rejected, message };
};

/** The message of a `google.rpc.Status`; undefined for a body that is none. */
export const statusMessageIn = (encoding: OtlpEncoding, body: Buffer): string | undefined => {
  try {
    if (encoding === "json") {
      const status: unknown = JSON.parse(body.toString("utf8"));
      return isObject(status) && typeof status["message"] === "string" ? status["message"] : undefined;
    }
    let message: string | undefined;
    const status = new WireReader(body, "utf8");
    for (let field = status.next(); field !== 0; field = status.next())
      if (field === 2 && status.isDelimited) message = status.text();
      else status.skip();
    return message;
  } catch {
    return undefined;
  }
};
