import { type ClientSocket, type Delivery, DeliveryError, type Failure, fingerprint, type Outcome } from "weir";
import type { Line } from "./link.ts";

/** A message, and which events of the write are in it. */
export interface Message {
  readonly id: string;
  readonly text: string;
  readonly indexes: readonly number[];
}

export interface MessageOptions {
  readonly messages: "event" | "batch";
  readonly acknowledge: boolean;
}

/** A longer id is replaced by its digest, in characters. */
const longestId = 200;

/** What a write sends. The id of a message follows from the ids of its events. */
export const messagesOf = (
  events: readonly Delivery[],
  { messages, acknowledge }: MessageOptions,
): readonly Message[] => {
  const single = ({ id, json }: Delivery, index: number): Message => {
    const short = id.length > longestId ? fingerprint(id) : id;
    return { id: short, text: acknowledge ? envelope(short, json) : json, indexes: [index] };
  };
  if (messages === "event") return events.map(single);
  const id = fingerprint(JSON.stringify(events.map((event) => event.id)));
  const list = events.map(({ json }) => json).join(",");
  return [{ id, text: acknowledge ? envelope(id, list) : `[${list}]`, indexes: [...events.keys()] }];
};

const envelope = (id: string, list: string): string => `{"id":${JSON.stringify(id)},"events":[${list}]}`;

/** Sends messages; they are delivered when they are acknowledged. */
export const writeAcknowledged = async (
  messages: readonly Message[],
  { socket, answers }: Line,
  signal: AbortSignal,
): Promise<Outcome> => {
  const asked = messages.map(async ({ id, text }) => {
    const answer = answers.to(id, signal);
    await Promise.all([answer, send(socket, text)]);
  });
  return outcomeOf(messages, await Promise.allSettled(asked));
};

/** Sends messages; they are delivered when the system has taken them. */
export const writePlain = async (
  messages: readonly Message[],
  { socket }: Line,
  signal: AbortSignal,
): Promise<Outcome> => {
  const stalled = new Promise<never>((_resolve, reject) => {
    const giveUp = () => reject(new DeliveryError("the server does not read what is sent"));
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
  });
  stalled.catch(() => undefined);
  const sent = messages.map(({ text }) => Promise.race([send(socket, text), stalled]));
  const outcome = await Promise.allSettled(sent);
  // A connection with half of a message in it is of no use any more.
  if (signal.aborted) socket.terminate();
  return outcomeOf(messages, outcome);
};

const send = (socket: ClientSocket, text: string): Promise<void> =>
  new Promise((resolve, reject) =>
    socket.send(text, (error) => (error ? reject(new DeliveryError(error.message)) : resolve())),
  );

/** Throws when nothing was delivered, so that the host learns when to try again. */
const outcomeOf = (messages: readonly Message[], results: readonly PromiseSettledResult<void>[]): Outcome => {
  const errors = results.map((result) => (result.status === "rejected" ? (result.reason as DeliveryError) : undefined));
  if (errors.length > 0 && errors.every((error) => error !== undefined)) throw longestWait(errors);
  const failed = messages.flatMap(({ indexes }, position): Failure[] => {
    const error = errors[position];
    return error ? indexes.map((index) => ({ index, message: error.message, final: false })) : [];
  });
  return { failed };
};

const longestWait = (errors: readonly DeliveryError[]): DeliveryError =>
  errors.reduce((longest, error) => ((error.retryAfter ?? 0) > (longest.retryAfter ?? 0) ? error : longest));
