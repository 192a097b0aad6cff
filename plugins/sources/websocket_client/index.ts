import { defineSource, type Option, option } from "weir";
import { backoffOption } from "weir/http";
import { webSocketClientOptions } from "weir/websocket";
import { Feed } from "./feed.ts";

const resumeOption: Option<string> = {
  ...option.text("Message to send in place of `subscribe` once a cursor is committed; `{cursor}` inserts it as JSON.", {
    examples: ['{"type": "subscribe", "topic": "audit", "after": {cursor}}'],
  }),
  title: "text that contains {cursor}",
  pattern: "\\{cursor\\}",
};

export default defineSource({
  name: "websocket_client",
  summary: "Connects to a WebSocket feed, reads its messages, and resumes after the last committed one.",
  options: {
    ...webSocketClientOptions,
    subscribe: option.optional(
      option.text("Message to send after connecting.", { examples: ['{"type": "subscribe", "topic": "audit"}'] }),
    ),
    cursor: option.optional(
      option.field("Field that has the cursor, in the message or in the last of its events.", {
        examples: ["sequence"],
      }),
      { needs: ["resume"] },
    ),
    resume: option.optional(resumeOption, { needs: ["cursor"] }),
    max_payload: option.bytes("Longest message; a longer one closes the connection.", { default: "16MiB" }),
    idle_timeout: option.optional(option.window("Reconnects when no message has arrived for this long.")),
    backoff: backoffOption("How long to wait before connecting again.", { initial: "500ms", max: "30s" }),
  },
  decoding: { codec: "json", framing: "items" },
  notes: `
A message, text or binary, contains events: one JSON object, several in a row (lines of JSON), an array of objects, or a
Kubernetes list (see \`split_items\`). With \`codec: text\` and \`framing: newline\` it contains lines of text. An item that is not a
JSON object goes to the dead letter; the others continue.

weir cannot read a feed again: when it is killed, messages that were sent but not committed are lost, unless the feed can send
them again. \`cursor\` and \`resume\` ask for that. The cursor of a message is committed together with its events, and after a
restart or a lost connection weir asks the feed to resume after it. Before it reconnects, weir waits until everything from the
previous connection is committed. Event ids are then derived from the digest of the message, so a message that the feed sends
again produces the same ids.

While there is no room, weir stops reading from the connection, and does not answer pings either.
`,
  listen: (context, offer) => new Feed(context, offer).follow(),
});
