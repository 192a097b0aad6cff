import type { Clock } from "weir";
import { type Answer, type Protocol, Refusal, secretCheck, Turns } from "weir/http";
import { requestIn } from "./request.ts";
import { unpacked } from "./unpack.ts";

export interface FirehoseSettings {
  readonly config: {
    readonly access_keys: readonly string[];
    readonly max_receiving: number;
    readonly max_unpacked: number;
  };
  readonly clock: Pick<Clock, "now">;
}

/**
 * The protocol of the HTTP endpoint destination, version 1.0:
 * https://docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html
 */
export const firehoseProtocol = ({ config, clock }: FirehoseSettings): Protocol => {
  const { access_keys: keys, max_receiving, max_unpacked } = config;
  const isKnown = secretCheck(keys);
  // One request at a time, because its records take more memory than the body.
  const inTurn = new Turns(max_receiving);
  const answer = (requestId: string, errorMessage?: string): Answer => ({
    type: "application/json",
    body: Buffer.from(JSON.stringify({ requestId, timestamp: clock.now(), errorMessage })),
  });
  return {
    isGuarded: keys.length > 0,
    check(headers) {
      const key = headers["x-amz-firehose-access-key"];
      if (keys.length === 0 || (typeof key === "string" && isKnown(key))) return;
      const found = key === undefined ? "The request has no access key" : "The access key is not valid";
      throw new Refusal(401, `${found}; this server requires one in the header X-Amz-Firehose-Access-Key.`);
    },
    async read(body, headers) {
      const { requestId = idIn(headers), records } = requestIn(body);
      const bytes = await inTurn.run(body.length, () => unpacked(records, max_unpacked));
      return { bytes, answer: answer(requestId) };
    },
    refusal: (message, headers) => answer(idIn(headers), message),
  };
};

const idIn = (headers: NodeJS.Dict<string | string[]>): string => {
  const id = headers["x-amz-firehose-request-id"];
  return typeof id === "string" ? id : "";
};
