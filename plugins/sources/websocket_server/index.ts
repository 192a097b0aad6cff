import { defineSource, option, serveWebSockets, webSocketServerOptions } from "weir";
import { Clients } from "./clients.ts";

export default defineSource({
  name: "websocket_server",
  summary: "Takes events from WebSocket clients, and tells them what is safe.",
  options: {
    ...webSocketServerOptions,
    acknowledge: option.boolean("Answers messages that bear an id when their events are committed; see below.", {
      default: false,
    }),
    max_payload: option.bytes("The longest message; a longer one ends its connection with code 1009.", {
      default: "16MiB",
    }),
    max_buffered: option.bytes(
      "Bytes of messages that may be unfinished or wait for room, of all clients together; whoever goes beyond is cut off with code 1013.",
      { default: "64MiB" },
    ),
    idle_timeout: option.optional(
      option.window("A client that has sent no message for so long is sent away with code 1000."),
    ),
  },
  decoding: { codec: "json", framing: "items" },
  notes: `
A message, text or binary, holds events: one JSON object, several one after the other (lines of JSON), an array of them,
or a Kubernetes list (see \`split_items\`). With \`codec: text\` and \`framing: newline\` it holds lines of text. An item that is
no JSON object goes to the dead letter, and the others go on.

An event's id follows from the message's digest and the event's place in it: a message that is sent again, by whichever
connection, brings the same ids, and so do two messages that are equal to the byte.

**Without acknowledgements** a client is told nothing. When there is no room its connection is not read from, so that
sending stalls. What it has sent and weir has not committed is lost when weir is killed.

**With \`acknowledge: true\`** a client puts its events into an envelope with an id of its choice, a number or a text of
at most 254 characters, as JSON writes them:

\`\`\`json
{"id": 17, "events": [{"message": "one"}, {"message": "two"}]}
\`\`\`

| answer | meaning |
| --- | --- |
| \`{"ack": 17}\` | the events are committed: safe, whatever happens now |
| \`{"retry": 17, "after": 1000}\` | nothing of it was taken; send the same message again after so many milliseconds |

Answers may come in another order than the messages. A client keeps a message until its \`ack\`, and sends it again, as it
was, after a \`retry\` or on a new connection: then nothing is lost, and what comes twice bears equal ids. A message that is
acknowledged is settled: what was no JSON in it is in the dead letter. Of one that is cut off, or goes on after its end, what
is whole is taken and the rest is in the dead letter; cut off between two events, how it begins is. A message that is no
envelope, or so broken that it shows no id, is taken as one without acknowledgement; put the id first. So is one with an id
that is longer, or \`null\`, or anything else: nothing answers it, and the log says that it came.

A client that sends what is longer than \`max_payload\`, or cannot be read, is cut off: the log says so, once a minute, and
\`weir_component_refusals_total\` counts it as \`too_long\` or \`unreadable\`. With the code 1009 goes the limit.
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
    // What was taken may still be committed, and its clients told.
    await clients.farewell();
    await listener.close();
    await watch;
  },
});
