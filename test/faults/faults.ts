import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../kill/random.ts";
import type { Answer, Receiver } from "./receiver.ts";

/** One request, and all that can be done to it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly receiver: Receiver;
  readonly random: Random;
  /** Stops listening for a while, and cuts every connection. */
  readonly refuseAll: () => void;
}

type Fault = (exchange: Exchange) => Promise<void> | void;

/** Everything that stands between a client and its answer, by name; `none` is how it should be. */
export const faults = {
  none: async (exchange) => {
    const taken = await receive(exchange);
    await answer(exchange, taken.answer);
    exchange.receiver.acknowledge(taken);
  },
  refuse: ({ refuseAll }) => refuseAll(),
  hang: () => undefined,
  "hang once all is taken": async (exchange) => void (await receive(exchange)),
  "reset before the body": ({ request }) => reset(request),
  "reset within the body": async ({ request }) => {
    await once(request, "data");
    reset(request);
  },
  "reset once all is taken": async (exchange) => {
    await receive(exchange);
    reset(exchange.request);
  },
  "reset within the answer": async (exchange) => {
    await perhapsReceive(exchange);
    exchange.response.writeHead(200, { "content-length": 20 }).write("not all of it");
    await sleep(1);
    reset(exchange.request);
  },
  "an answer in drips": async (exchange) => {
    const taken = await receive(exchange);
    await drip(exchange, taken.answer, exchange.random.between(1, 8));
    exchange.receiver.acknowledge(taken);
  },
  "an answer in drips, for ever": async (exchange) => {
    await perhapsReceive(exchange);
    await drip(exchange, { status: 200, body: " ".repeat(10_000) }, 5);
  },
  "no HTTP": async (exchange) => {
    await perhapsReceive(exchange);
    exchange.request.socket?.end("\u0000\u0001+OK not what you think\r\n\r\n");
  },
  "a list of failures that says nothing": async (exchange) => {
    await perhapsReceive(exchange);
    await answer(exchange, exchange.receiver.nonsense);
  },
  "429": async (exchange) => answer(await read(exchange), { status: 429, headers: pause(exchange.random) }),
  "500": async (exchange) => answer(await read(exchange), { status: 500, body: "<h1>oops</h1>" }),
  "503": async (exchange) => answer(await read(exchange), { status: 503, headers: pause(exchange.random) }),
  "a redirect": async (exchange) => answer(await read(exchange), { status: 307, headers: { location: "/elsewhere" } }),
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

const receive = async ({ request, receiver }: Exchange) => {
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += part as string;
  return receiver.take(request.headers, body);
};

/** Where the client cannot know: the receiver has the events, or never gets them. */
const perhapsReceive = (exchange: Exchange): Promise<unknown> =>
  exchange.random.chance(0.5) ? receive(exchange) : read(exchange);

/** Reads the request, and lets the receiver see nothing of it. */
const read = async (exchange: Exchange): Promise<Exchange> => {
  for await (const _part of exchange.request);
  return exchange;
};

const answer = ({ response }: Exchange, { status, headers = {}, body = "" }: Answer): Promise<void> =>
  new Promise((resolve) => void response.writeHead(status, headers).end(body, resolve));

const drip = async ({ response }: Exchange, { status, headers = {}, body = "" }: Answer, pace: number) => {
  response.writeHead(status, headers);
  for (let at = 0; at < body.length && !response.destroyed; at += pace) {
    response.write(body.slice(at, at + pace));
    await sleep(2);
  }
  await new Promise<void>((resolve) => void response.end(resolve));
};

/** The client may be gone already. */
const reset = ({ socket }: IncomingMessage): void => void socket?.resetAndDestroy();

/** A second is long for a test, and is asked for now and then. */
const pause = (random: Random): Record<string, string> => {
  if (random.chance(0.3)) return {};
  if (random.chance(0.05)) return { "retry-after": "1" };
  return { "retry-after": random.chance(0.5) ? "0" : new Date().toUTCString() };
};
