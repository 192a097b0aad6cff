import { defineSink, option } from "weir";
import { Refusal } from "weir/http";
import { compileKql, KqlError } from "weir/kql";
import { serveWebSockets, webSocketServerOptions } from "weir/websocket";
import { Subscriber } from "./subscriber.ts";

export default defineSink({
  name: "websocket_server",
  summary: "Streams events to WebSocket clients as they arrive, filtered by each client's query.",
  options: {
    ...webSocketServerOptions,
    queue: option.integer("Maximum number of events waiting for one subscriber; it misses further ones.", {
      default: 1000,
      minimum: 1,
    }),
    queue_size: option.bytes("Maximum size of these events.", { default: "16MiB" }),
  },
  live: true,
  notes: `
A client that connects receives every event from then on as a text message: its data, one JSON object. With a KQL query in the
URL it receives only matching events: \`ws://127.0.0.1:8090/?where=event.kind%3Asignal\`. weir answers an invalid query with
400 and an explanation, and likewise any other parameter or a second \`where\`.

weir keeps nothing for subscribers and waits for none: an event is settled when it has been handed to the connected ones. A
subscriber that reads too slowly, so that its queue is full, misses events; in their place it receives \`{"missed": 42}\` with
their number. Use a second sink for events that must not be lost.
`,
  async open({ config, clock, log, refused }) {
    const subscribers = new Set<Subscriber>();
    const listener = await serveWebSockets({
      config,
      // Subscribers send nothing.
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
    if (error instanceof KqlError) throw new Refusal(400, `The query in "where" is not valid KQL: ${error.message}`);
    throw error;
  }
};
