import type { IncomingHttpHeaders } from "node:http";
import { Refusal } from "../problem.ts";

const millisecondsIn: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/**
 * How long the client waits for the answer, in milliseconds; `undefined` if it does not say. Throws a `Refusal`, 400, for text of another
 * form: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests
 */
export const deadlineIn = (headers: IncomingHttpHeaders): number | undefined => {
  const text = headers["grpc-timeout"];
  if (text === undefined) return undefined;
  const [, count, unit] = /^([0-9]{1,8})([HMSmun])$/.exec(String(text)) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * millisecondsIn[unit]!;
  throw new Refusal(
    400,
    `The grpc-timeout is ${JSON.stringify(String(text).slice(0, 50))}; up to 8 digits and one of H, M, S, m, u and n are expected.`,
  );
};

export const deadlinePassed = (): Refusal =>
  new Refusal(408, "The deadline of the call passed before its events were committed. Send it again.");
