import { backoffOption, defineSource, type Option, option, webSocketClientOptions } from "weir";
import { Feed } from "./feed.ts";

const resumeOption: Option<string> = {
  ...option.text(
    "Message that is sent in place of `subscribe` once a cursor is committed; `{cursor}` stands for it, as JSON.",
    { examples: ['{"type": "subscribe", "topic": "audit", "after": {cursor}}'] },
  ),
  title: "text with {cursor} in it",
  pattern: "\\{cursor\\}",
};

export default defineSource({
  name: "websocket_client",
  summary: "Connects to a WebSocket feed and takes its messages, going on after the last committed one.",
  options: {
    ...webSocketClientOptions,
    subscribe: option.optional(
      option.text("Message that is sent after connecting.", { examples: ['{"type": "subscribe", "topic": "audit"}'] }),
    ),
    cursor: option.optional(
      option.field("Where a message, or the last of its events, says how far the feed has come.", {
        examples: ["sequence"],
      }),
      { needs: ["resume"] },
    ),
    resume: option.optional(resumeOption, { needs: ["cursor"] }),
    max_payload: option.bytes("The longest message; a longer one ends the connection.", { default: "16MiB" }),
    idle_timeout: option.optional(option.window("Connects anew when no message has come for so long.")),
    backoff: backoffOption("How long to wait before connecting again.", { initial: "500ms", max: "30s" }),
  },
  decoding: { codec: "json", framing: "items" },
  notes: `
A message, text or binary, holds events: one JSON object, several one after the other (lines of JSON), an array of them,
or a Kubernetes list (see \`split_items\`). With \`codec: text\` and \`framing: newline\` it holds lines of text. An item that is
no JSON object goes to the dead letter, and the others go on.

A feed cannot be read again: what it sent and weir had not committed is lost when weir is killed, unless the feed can be
asked for it. With \`cursor\` and \`resume\` it is: the cursor of a message is committed together with its events, and after
a restart or a broken connection the feed is asked for what comes after it. Before weir connects again it waits until
everything from the connection before is committed. An event's id then follows from the digest of its message, so that a
message which the feed sends once more brings the same ids.

When there is no room the connection is not read from; weir then does not answer pings either.
`,
  listen: (context, offer) => new Feed(context, offer).follow(),
});
