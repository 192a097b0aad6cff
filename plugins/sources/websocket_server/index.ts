import { defineSource, option } from "weir";
import { serveWebSockets, webSocketServerOptions } from "weir/websocket";
import { Clients } from "./clients.ts";

export default defineSource({
  name: "websocket_server",
  summary: "Receives events from WebSocket clients, and acknowledges them when they are committed.",
  options: {
    ...webSocketServerOptions,
    acknowledge: option.boolean("Acknowledges messages with an id when their events are committed; see below.", {
      default: false,
    }),
    max_payload: option.bytes("Longest message; a longer one closes its connection with code 1009.", {
      default: "16MiB",
    }),
    max_buffered: option.bytes(
      "Memory for unfinished and waiting messages of all clients, shared equally by them. Beyond it, a stalled connection, or one of the client with the most, is closed with code 1013.",
      { default: "64MiB" },
    ),
    idle_timeout: option.optional(
      option.window("Disconnects a client with code 1000 when it has sent no message for this long."),
    ),
  },
  decoding: { codec: "json", framing: "items" },
  notes: `
A message, text or binary, contains events: one JSON object, several in a row (lines of JSON), an array of objects, or a
Kubernetes list (see \`split_items\`). With \`codec: text\` and \`framing: newline\` it contains lines of text. An item that is not a
JSON object goes to the dead letter; the others continue.

Event ids are derived from the digest of the message and the position of the event in it: a message that is sent again, on any
connection, produces the same ids, and so do two identical messages.

**Without acknowledgements** a client gets no answers. While there is no room, weir stops reading from its connection, so
sending stalls. Messages that are not committed are lost when weir is killed.

**With \`acknowledge: true\`** a client puts its events into an envelope with an id of its choice, a JSON number or a JSON string
of at most 254 characters:

\`\`\`json
{"id": 17, "events": [{"message": "one"}, {"message": "two"}]}
\`\`\`

| answer | meaning |
| --- | --- |
| \`{"ack": 17}\` | the events are committed, and safe |
| \`{"retry": 17, "after": 1000}\` | nothing of the message was accepted; send it again after this many milliseconds |

Answers may arrive in another order than the messages. A client should keep a message until its \`ack\`, and send it again
unchanged after a \`retry\` or on a new connection. Then nothing is lost, and events that arrive twice have the same ids.

An acknowledged message is settled completely: anything in it that is not JSON is in the dead letter. When a message is
truncated, or continues after its end, weir takes the complete events and puts the rest into the dead letter; when it is
truncated between two events, it puts the start of the message there. weir takes a message that is not an envelope, or has no
valid id, without an acknowledgement, and logs an invalid id. Put the id first, so that weir finds it in a damaged message.

weir disconnects a client that sends an invalid message or one longer than \`max_payload\`. It logs this once a minute and counts
it in \`weir_component_refusals_total\` as \`too_long\` or \`unreadable\`. The close code 1009 comes with the limit.
`,
  async listen(context, offer) {
    const { config, clock, log, signal, refused } = context;
    const clients = new Clients(context, offer);
    const listener = await serveWebSockets({
      config,
      maxPayload: config.max_payload,
      clock,
      log,
      refused,
      connected: (connection) => clients.welcome(connection),
    });
    const watch = clients.watchIdle(() => listener.connections);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    listener.refuse();
    // Accepted messages may still be committed and acknowledged.
    await clients.farewell();
    await listener.close();
    await watch;
  },
});
