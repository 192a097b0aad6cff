import { defineSource } from "weir";
import { options } from "./options.ts";
import { readPages } from "./read.ts";

export default defineSource({
  name: "http_client",
  summary: "Fetches pages of events from a URL at intervals, and goes on where it stopped.",
  options,
  notes: `
An answer is a page. It is read as its \`Content-Type\` says, like a body that \`http_server\` takes, or by \`records\`. Where the
next page is, a \`Link\` header with \`rel=next\` says, or the cursor that \`cursor.field\` finds, which goes into the query as
\`cursor.param\`. While there is a next page it is fetched at once; the last one is fetched again after \`interval\`, with
\`If-None-Match\` and \`If-Modified-Since\`, and a page that has not changed is not read again.

With the commit of a page's events its place is committed: after a restart, or a crash, weir goes on behind it. A page that
was committed in part is fetched and read again, under the same ids if it is the same. A last page that has grown is read
again as a whole, under new ids: an API that gives a cursor for what comes later, as most do, avoids that.

A server that cannot be reached, or answers with an error, is asked again without end, after waits that grow (\`backoff\`), or
when its \`Retry-After\` says. Redirects are not followed. The metric \`weir_component_refusals_total\` counts the fetches that
went wrong, by \`reason\`: \`no_answer\`, \`not_a_page\` for an answer that is not what the options say, or the status, such as
\`http_401\`.
`,
  decoding: { framing: "items", codec: "json" },
  read: readPages,
});
