import { setImmediate } from "node:timers/promises";
import { defineSink, option } from "weir";
import { serveWebSockets, webSocketServerOptions } from "weir/websocket";
import { Audience } from "./audience.ts";
import { type Filter, filterOf } from "./filter.ts";
import { Subscriber } from "./subscriber.ts";

/** After how long others get their turn while events are sent, in milliseconds. */
const longestTurn = 5;

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
400 and an explanation, and likewise any other parameter or a second \`where\`. A query has at most 8,192 characters and 256
conditions, of which 16 on patterns of fields such as \`user.*:x\`.

weir keeps nothing for subscribers and waits for none: an event is settled when it has been handed to the connected ones. A
subscriber that reads too slowly, so that its queue is full, misses events; in their place it receives \`{"missed": 42}\` with
their number. Use a second sink for events that must not be lost.

To apply the queries of all subscribers, and to send what they match, may take a quarter of a CPU, shared fairly between them.
When that is not enough, the subscribers whose queries take the most time fall behind, by at most \`queue\` events and
\`queue_size\`, and miss the oldest. Likewise a subscriber misses an event to which its query cannot be applied in a few
milliseconds (more than 8,388,608 conditions times bytes). The number of missed events then includes those that the query
would not have matched.
`,
  async open({ config, clock, log, refused }) {
    const filters = new WeakMap<URL, Filter | undefined>();
    const unfiltered = new Set<Subscriber>();
    const audience = new Audience({ limits: config, sleep: (ms) => clock.sleep(ms) });
    const listener = await serveWebSockets({
      config,
      // Subscribers send nothing.
      maxPayload: 64 * 1024,
      clock,
      log,
      refused,
      query: ["where"],
      admit: (url) => void filters.set(url, filterOf(url.searchParams)),
      connected: ({ socket, url }) => {
        const filter = filters.get(url);
        const subscriber = new Subscriber(socket, filter, config);
        if (filter) audience.add(subscriber);
        else unfiltered.add(subscriber);
        socket.once("close", () => {
          audience.remove(subscriber);
          unfiltered.delete(subscriber);
        });
      },
    });
    return {
      async write(events) {
        audience.show(events);
        let from = performance.now();
        for (const event of events) {
          for (const subscriber of unfiltered) subscriber.show(event, "wanted");
          if (performance.now() - from < longestTurn) continue;
          await setImmediate();
          from = performance.now();
        }
        return undefined;
      },
      close: () => listener.close(),
    };
  },
});
