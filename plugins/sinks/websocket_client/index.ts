import { defineSink, option } from "weir";
import { connectWebSocket, webSocketClientOptions } from "weir/websocket";
import { Link } from "./link.ts";
import { Messages } from "./messages.ts";
import { Attempt } from "./write.ts";

export default defineSink({
  name: "websocket_client",
  summary: "Pushes events to a WebSocket server, and waits for its acknowledgements if it gives any.",
  options: {
    ...webSocketClientOptions,
    messages: option.oneOf("event", "batch")("What is in a message: one event, or an array of all that a write has.", {
      default: "event",
    }),
    acknowledge: option.boolean("Waits until the server acknowledges each message; see below.", { default: false }),
  },
  delivery: { concurrency: 1 },
  notes: `
A message is text: one JSON object, or with \`messages: batch\` an array of them.

**Without acknowledgements** an event counts as delivered when the system has taken its message. What was on its way when
a connection breaks is lost, and nobody can tell how much that is.

**With \`acknowledge: true\`** a message is an envelope, and delivered when the server says so:

\`\`\`json
{"id": "6f0c", "events": [{"message": "one"}, {"message": "two"}]}
\`\`\`

| answer | meaning |
| --- | --- |
| \`{"ack": "6f0c"}\` | delivered |
| \`{"retry": "6f0c", "after": 1000}\` | nothing of it was taken; it is sent again, not before so many milliseconds |

The id is the event's, or a digest of the ids of all events in the message: a message that comes again has the same one.
This is what the source \`websocket_server\` speaks with \`acknowledge: true\`.

**A server that closes with code 1009** finds a message too long. One that holds several events is sent again in halves, until
the event is found that is too long by itself: that one goes to the dead letter, with the size of its message, and the
others are delivered. So that it is known which message it was, one that is longer than those before on its connection goes
alone: with acknowledgements after the answers to all before it, and the next after its own, so that nothing else has to be
sent again; without, weir sends a ping after it, and the next message after the pong. Messages up to the longest that was
taken flow freely. Where a server refuses batches all the time, lower \`batch.max_size\`.
`,
  check: async ({ config, clock, signal }) => {
    const socket = await connectWebSocket(config, { maxPayload: 1024, now: clock.now(), signal });
    socket.close(1000);
  },
  open({ config, clock, log, signal }) {
    const link = new Link({ config, clock, log, signal });
    return {
      write: (events, attempt) => new Attempt(link, new Messages(events, config), attempt).run(),
      close: () => link.close(),
    };
  },
});
