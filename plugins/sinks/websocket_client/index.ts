import { defineSink, option } from "weir";
import { connectWebSocket, webSocketClientOptions } from "weir/websocket";
import { Link } from "./link.ts";
import { Messages } from "./messages.ts";
import { Write } from "./write.ts";

export default defineSink({
  name: "websocket_client",
  summary: "Sends events to a WebSocket server, and can wait for its acknowledgements.",
  options: {
    ...webSocketClientOptions,
    messages: option.oneOf("event", "batch")(
      "What a message contains: one event, or an array of all events of a write.",
      {
        default: "event",
      },
    ),
    acknowledge: option.boolean("Waits for the server to acknowledge each message; see below.", { default: false }),
  },
  delivery: { concurrency: 1 },
  notes: `
A message is text: one JSON object, or with \`messages: batch\` an array of them.

**Without acknowledgements** an event counts as delivered when the operating system has taken its message. When a connection
breaks, messages on their way are lost, and weir cannot tell how many.

**With \`acknowledge: true\`** a message is an envelope, and counts as delivered when the server acknowledges it:

\`\`\`json
{"id": "6f0c", "events": [{"message": "one"}, {"message": "two"}]}
\`\`\`

| answer | meaning |
| --- | --- |
| \`{"ack": "6f0c"}\` | delivered |
| \`{"retry": "6f0c", "after": 1000}\` | nothing of the message was accepted; weir sends it again after at least this many milliseconds |

The id is the id of the event, or a digest of the ids of all events in the message; a message that is sent again has the same
id. The source \`websocket_server\` with \`acknowledge: true\` uses the same protocol.

**When the server closes the connection with code 1009**, a message is too long for it. weir splits a message with several events
in halves until it finds the event that is too long by itself. That event goes to the dead letter with the size of its message,
and the others are delivered. To know which message was too long, weir sends a message that is longer than all before it on
the connection by itself. With acknowledgements it waits for all answers before it, and for its own answer after it, so that
nothing else has to be sent again; without, it sends a ping after the message and waits for the pong. Messages up to the longest
accepted one are sent without waiting. If a server refuses batches often, lower \`batch.max_size\`.
`,
  check: async ({ config, clock, signal }) => {
    const socket = await connectWebSocket(config, { maxPayload: 1024, now: clock.now(), signal });
    socket.close(1000);
  },
  open({ config, clock, log, signal }) {
    const link = new Link({ config, clock, log, signal });
    return {
      write: (events, attempt) => new Write(link, new Messages(events, config), attempt).run(),
      close: () => link.close(),
    };
  },
});
