import { compileKql, defineSink, KqlError, option } from "weir";
import { Refusal } from "weir/http";
import { serveWebSockets, webSocketServerOptions } from "weir/websocket";
import { Subscriber } from "./subscriber.ts";

export default defineSink({
  name: "websocket_server",
  summary: "Shows events to WebSocket clients as they come, each to those who asked for it.",
  options: {
    ...webSocketServerOptions,
    queue: option.integer("Events that wait for one subscriber at most; more are left out for it.", {
      default: 1000,
      minimum: 1,
    }),
    queue_size: option.bytes("Bytes of them at most.", { default: "16MiB" }),
  },
  live: true,
  notes: `
Whoever connects gets, from then on, every event as a text message: its data, one JSON object. With a KQL query in the
address only those that match: \`ws://127.0.0.1:8090/?where=event.kind%3Asignal\`. A query that is wrong is answered with 400
and with what is wrong in it, and so is any other parameter, or a second \`where\`.

Nothing is kept for subscribers: an event is settled when it has been handed to those who are there, and nobody is waited
for. One that reads too slowly, so that its queue is full, misses events; in the place of those it gets \`{"missed": 42}\`, with
how many they were. What must not be lost needs another sink beside this one.
`,
  async open({ config, clock, log, refused }) {
    const subscribers = new Set<Subscriber>();
    const listener = await serveWebSockets({
      config,
      // Subscribers have nothing to say.
      maxPayload: 64 * 1024,
      clock,
      log,
      refused,
      query: ["where"],
      admit: ({ searchParams }) => void compileFilter(searchParams),
      connected: ({ socket, url }) => {
        const subscriber = new Subscriber(socket, compileFilter(url.searchParams), config);
        subscribers.add(subscriber);
        socket.once("close", () => subscribers.delete(subscriber));
      },
    });
    return {
      async write(events) {
        for (const event of events) for (const subscriber of subscribers) subscriber.show(event);
        return undefined;
      },
      close: () => listener.close(),
    };
  },
});

const compileFilter = (query: URLSearchParams) => {
  const where = query.get("where");
  if (where === null) return () => true;
  try {
    return compileKql(where);
  } catch (error) {
    if (error instanceof KqlError) throw new Refusal(400, `The query in "where" is not one: ${error.message}`);
    throw error;
  }
};
