import { randomUUID } from "node:crypto";
import { type Delivery, defineSink, type Json, type Outcome } from "weir";
import { inTurn, placeAfter, placeIn } from "weir/sink";
import { Connection, flawsOf, type Purpose, valkeyPackage } from "weir/valkey";
import { writeEntries } from "./attempt.ts";
import { entriesOf } from "./entries.ts";
import { checkRedis, commandOf, redisOptions } from "./options.ts";
import { writeScript } from "./script.ts";

const purpose: Purpose = {
  script: writeScript,
  called: "Redis",
  fails: "does not take the events",
  optionsAt: "",
  rights: 'the page of the sink "redis" lists those that weir needs',
};

/** The record is saved after so many events at the latest, so that the server keeps few names. */
const mostUnsettled = 10_000;

export default defineSink({
  name: "redis",
  summary: "Adds events to streams of Redis or Valkey, each of them once; or to lists, or publishes them.",
  packages: [valkeyPackage],
  options: redisOptions,
  checkOptions: checkRedis,
  notes: `
This plugin needs the package [@redis/client](https://www.npmjs.com/package/@redis/client), which is not part of weir. Install it with
\`npm i ${valkeyPackage}\`. It works with Valkey, and with Redis 5 or newer.

\`\`\`yaml
sinks:
  alerts:
    type: redis
    inputs: [detect]
    url: rediss://valkey.example.org:6379/0
    username: weir
    password: \${env:VALKEY_PASSWORD}
    key: "alerts:{{ kibana.alert.rule.name:-other }}"
    max_length: 1000000
\`\`\`

An entry of a stream has the event as JSON in its field \`event\`, the event's id in \`id\`, and those of \`fields\`. The server chooses the id of the
entry (\`*\`). A value of a list and a message of a channel are the event as JSON.

**No duplicates.** weir writes with a script that also keeps the names of the latest events beside the stream, in the sorted set
\`{KEY}:weir:WRITER\`. WRITER names the data dir. Both are one step on the server. After a crash, or without a response, weir sends the events again, and
the script leaves out those that are there. The names are kept for seven days after the last write, and weir
removes those that can no longer be needed, so there are some ten thousand at most. If weir is off for longer in the middle of a write, the
events of this write can come twice. It requires \`buffer.type: disk\`. Events replayed from the dead letter are new entries.

**What the server loses is lost.** An event counts as delivered when the server has answered. With \`appendonly yes\` it survives a kill of the server;
with \`appendfsync everysec\`, the default, a power failure can lose the last second, and a failover what was not replicated yet. At the
start, weir warns of \`appendonly no\` and of a \`maxmemory-policy\` that evicts keys.

| what happened | what weir does |
| --- | --- |
| The server does not answer, is loading (\`LOADING\`), is a replica (\`READONLY\`), has no memory left (\`OOM\`), or credentials or permissions are missing (\`NOAUTH\`, \`WRONGPASS\`, \`NOPERM\`). | weir retries, and logs the reason. Later events wait. |
| The key holds a value of another type (\`WRONGTYPE\`), or the user may not write to it. | Without placeholders in \`key\`, weir retries. With placeholders, the event goes to the dead letter, so that it does not hold up the others. |
| The event has no value for a placeholder without a default. | The event goes to the dead letter. |

**Order.** Entries are in the order in which the sink got the events. With placeholders in \`key\`, the contents of an event decide where it goes. Limit
the user's permissions to keys with a common prefix.

**Permissions**, for keys that begin with \`alerts\`:

\`\`\`text
ACL SETUSER weir on >secret resetkeys ~alerts* ~{alerts* resetchannels -@all +client|setname +select +evalsha +script|load +xadd +zadd +zscore +zremrangebyscore +pexpire +config|get
\`\`\`

A list needs \`+rpush\` or \`+lpush\`, and \`+ltrim\` with \`max_length\`; a channel needs \`+publish\` and \`&alerts*\`. Without \`+config|get\`, weir
does not warn. Servers of a cluster are not supported.
`,
  delivery: { concurrency: "one", batch: { maxEvents: 1000, maxSize: 1024 * 1024, timeout: 500 } },
  open({ config, recorded, save, ...context }) {
    const connection = new Connection(config, purpose);
    const { data_type, event_field: event, id_field: id, fields, key, max_length: most } = config;
    const entryFields = data_type === "stream" ? { event, id, more: Object.entries(fields) } : undefined;
    const options = { most, command: commandOf(config), choosesKey: key.fixed === undefined };
    let place = placeIn(recorded, () => randomUUID().slice(0, 8));
    /** What comes before is on disk as delivered; at first not even the writer is. */
    let settled = recorded === undefined ? undefined : place.position;
    const record = (): Json => ({ ...place });
    const write = async (events: readonly Delivery[], attempt: AbortSignal): Promise<Outcome> => {
      const signal = AbortSignal.any([attempt, context.signal]);
      if (settled === undefined || place.position - settled >= mostUnsettled) {
        await save?.(record(), signal);
        settled = place.position;
      }
      const { byKey, failed } = entriesOf(events, place, { key, fields: entryFields });
      const at = { ...options, place, settled };
      const refused =
        byKey.size > 0 ? await connection.with(signal, (connected) => writeEntries(connected, byKey, at)) : [];
      place = placeAfter(place, events.length);
      return { failed: [...failed, ...refused], record: record() };
    };
    return { write: inTurn(write), close: async () => connection.close() };
  },
  async check({ config, signal, log }) {
    const connection = new Connection(config, purpose);
    try {
      for (const flaw of await flawsOf(connection, signal, { lost: "is lost" })) log.warn(`${connection.name} ${flaw}`);
    } finally {
      connection.close();
    }
  },
});
