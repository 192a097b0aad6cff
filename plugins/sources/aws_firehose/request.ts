import { isObject } from "weir/fields";
import { Refusal } from "weir/http";

export interface FirehoseRequest {
  /** Undefined if it is not a string, or longer than an id of Firehose can be. */
  readonly requestId: string | undefined;
  /** The records, in base64. */
  readonly records: readonly string[];
}

/** Firehose sends at most 10,000 records, each one object. JSON is parsed in one go, so more would be an attack. */
const mostContainers = 20_000;

/** Firehose sends a UUID. The answer repeats it, and a client may take its time to read that. */
const longestId = 256;

/** Reads the body of a request. Throws a `Refusal`, 400 or 413, for a body that is no request of Firehose. */
export const requestIn = (body: Buffer): FirehoseRequest => {
  const request = parsed(body);
  const records = isObject(request) ? request["records"] : undefined;
  if (!isObject(request) || !Array.isArray(records)) throw notFirehose('it has no "records" list');
  const { requestId } = request;
  return {
    requestId: typeof requestId === "string" && requestId.length <= longestId ? requestId : undefined,
    records: records.map((record: unknown, index) => {
      const data = isObject(record) ? record["data"] : undefined;
      if (typeof data !== "string") throw notFirehose(`records[${index}].data is not a base64 string`);
      return data;
    }),
  };
};

const parsed = (body: Buffer): unknown => {
  let containers = 0;
  for (const byte of body) if (byte === 0x7b || byte === 0x5b) containers++;
  if (containers > mostContainers)
    throw new Refusal(
      413,
      `The request has more than ${mostContainers} objects and lists. Send fewer records per request.`,
    );
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw notFirehose(`it is not JSON: ${(error as Error).message}`);
  }
};

const notFirehose = (why: string): Refusal =>
  new Refusal(400, `The body is not a request from Amazon Data Firehose: ${why}.`);
