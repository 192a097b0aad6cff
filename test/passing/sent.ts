import { once } from "node:events";
import { Agent, request } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { type Data, defineSource, type Reading } from "weir";
import { WebSocket } from "ws";
import { turn } from "../../src/testing/index.ts";

/** What a source is sent, and how. */
export type Sent =
  /** A stream, in readings of at most `cut` bytes, which say in turn that they are from there. */
  | { readonly by: "readings"; readonly bytes: Uint8Array; readonly cut: number; readonly origins?: readonly Data[] }
  /** Streams of their own, as a server offers requests; or real ones to the server in the pipeline. */
  | { readonly by: "requests" | "http" | "websocket"; readonly bodies: readonly Uint8Array[] };

type ToServer = Extract<Sent, { readonly bodies: unknown }>;

/** Whether this goes to a server that is in the pipeline. */
export const isForServer = (sent: Sent): sent is ToServer => sent.by === "http" || sent.by === "websocket";

/** A source that reads what is sent, or nothing. */
export const sourceOf = (sent: Sent | undefined, ready: Promise<void>) => {
  if (sent === undefined) return reading({ bytes: new Uint8Array(), cut: 1 }, ready);
  return sent.by === "readings" ? reading(sent, ready) : offering(sent.bodies);
};

/** A source that reads given bytes, a reading of at most `cut` bytes at a time. */
const reading = (
  { bytes, cut, origins }: Pick<Extract<Sent, { readonly by: "readings" }>, "bytes" | "cut" | "origins">,
  ready: Promise<void>,
) =>
  defineSource({
    name: "given",
    summary: "Reads given bytes.",
    options: {},
    async *read(): AsyncGenerator<Reading> {
      await ready;
      for (let at = 0; at < bytes.length; at += cut) {
        yield {
          stream: "s",
          position: at,
          bytes: Buffer.from(bytes.subarray(at, at + cut)),
          end: at + cut >= bytes.length,
          ...(origins && { origin: origins[(at / cut) % origins.length] }),
        };
        await turn();
      }
    },
  });

/** A source that offers each body as a stream of its own, as a server does with requests. */
const offering = (bodies: readonly Uint8Array[]) =>
  defineSource({
    name: "given",
    summary: "Offers given bytes.",
    options: {},
    async listen(_context, offer) {
      for (const [number, body] of bodies.entries()) {
        const reading: Reading = {
          stream: String(number),
          position: 0,
          bytes: Buffer.from(body),
          once: true,
          // Not every one is waited for.
          ...(number % 3 === 0 && { settled: () => undefined }),
        };
        while (offer(reading) === "full") await turn();
      }
    },
  });

/** Sends bodies to the server in the pipeline, which has said in its log where it listens; what it answered. */
export const answersTo = async ({ by, bodies }: ToServer, log: readonly string[]): Promise<readonly string[]> => {
  const address = () => log.flatMap((line) => /listening on (\S+)/.exec(line)?.[1] ?? [])[0];
  while (address() === undefined) await turn();
  return by === "http" ? posted(address()!, bodies) : acknowledged(address()!, bodies);
};

const types = ["application/json", "application/x-ndjson", "text/plain", ""];

/** One request after the other, all on one connection: so they have an order. */
const posted = async (url: string, bodies: readonly Uint8Array[]): Promise<readonly string[]> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answers: string[] = [];
  for (const [index, body] of bodies.entries()) {
    const type = types[index % types.length]!;
    const sent = request(url, { method: "POST", agent, headers: type === "" ? {} : { "Content-Type": type } });
    // Some come in chunks, which Node's own server reads.
    if (index % 7 === 6) {
      sent.write(body.subarray(0, body.length / 2));
      sent.end(body.subarray(body.length / 2));
    } else sent.end(body);
    const [response] = await once(sent, "response");
    answers.push(`${response.statusCode} ${await textOf(response)}`);
  }
  agent.destroy();
  return answers;
};

/** Messages in envelopes with an id, one after the other, and a last one whose acknowledgement comes after all of them. */
const acknowledged = async (address: string, bodies: readonly Uint8Array[]): Promise<readonly string[]> => {
  const socket = new WebSocket(address);
  await once(socket, "open");
  const answers: string[] = [];
  const { promise: isAnswered, resolve } = Promise.withResolvers<void>();
  socket.on("message", (answer) => {
    answers.push(String(answer));
    if (String(answer).includes('"last"')) resolve();
  });
  for (const [id, body] of bodies.entries())
    socket.send(Buffer.concat([Buffer.from(`{"id":${id},"events":`), body, Buffer.from("}")]));
  socket.send('{"id":"last","events":[]}');
  await isAnswered;
  socket.close();
  await once(socket, "close");
  return answers.sort();
};
