import { defineSource } from "weir";
import { options } from "./options.ts";
import { readPages } from "./read.ts";

export default defineSource({
  name: "http_client",
  summary: "Polls a URL for pages of events, and resumes where it stopped.",
  options,
  notes: `
Each response is a page. weir reads it by its \`Content-Type\`, like a body of \`http_server\`, or by \`records\`. The next page
is at the URL of a \`Link\` header with \`rel=next\`, or at the value of \`cursor.field\`, which weir puts into the query parameter
\`cursor.param\`. weir fetches a next page at once. It fetches the last page again after \`interval\`, with \`If-None-Match\` and
\`If-Modified-Since\`, and skips it if it has not changed.

The place of a page is committed together with its events, so that weir resumes after that page when it restarts or crashes.
A page that was committed only in part is fetched and read again; its events have the same ids if the page is the same. A last
page that has grown is read again as a whole, with new ids. Most APIs avoid this with a cursor for later events.

When the server cannot be reached or returns an error, weir tries again without end, after growing waits (\`backoff\`) or when
\`Retry-After\` says. It does not follow redirects. The metric \`weir_component_refusals_total\` counts failed fetches by
\`reason\`: \`no_answer\`, \`not_a_page\` for a response that does not match the options, or the status, such as \`http_401\`.
`,
  decoding: { framing: "items", codec: "json" },
  read: readPages,
});
