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
  fails: "does not accept the events",
  optionsAt: "",
  rights: 'the reference page of the sink "redis" lists what weir needs',
};

/** The record is saved after at most this many events, so that the server keeps few names. */
const mostUnsettled = 10_000;

export default defineSink({
  name: "redis",
  summary: "Writes events to Redis or Valkey: to streams, each event once, to lists, or to channels.",
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

A stream entry has the event as JSON in the field \`event\`, the event's id in \`id\`, and the fields of the option \`fields\`. The server
chooses the id of the entry (\`*\`). In a list or a channel, the value is the event as JSON.

**No duplicates.** weir writes with a script that also stores the names of the latest events beside the stream, in the sorted set
\`{KEY}:weir:WRITER\`, in the same step. WRITER stands for the data dir. After a crash, or if there is no response, weir sends the events
again, and the script leaves out those that are already there. weir removes names that are no longer needed, so there are about ten thousand
at most. They expire seven days after the last write: if weir is stopped in the middle of a write and stays off for longer, the events of
that write can be written twice. This requires \`buffer.type: disk\`. Events replayed from the dead letter become new entries.

**What the server loses is lost.** An event counts as delivered when the server has answered. With \`appendonly yes\` and
\`appendfsync always\` it survives a crash of the server; with \`everysec\`, the default, a crash can lose the last second, or more while the
disk is busy. A failover can lose what was not yet replicated. When it starts, weir warns about \`appendonly no\` and about a \`maxmemory-policy\` that evicts keys.

| what happened | what weir does |
| --- | --- |
| The server does not answer, is loading (\`LOADING\`), is a replica (\`READONLY\`), has no memory left (\`OOM\`), or credentials or permissions are missing (\`NOAUTH\`, \`WRONGPASS\`, \`NOPERM\`). | weir retries, and logs the reason. Later events wait. |
| The key holds a value of another type (\`WRONGTYPE\`), or the user may not write to it. | Without placeholders in \`key\`, weir retries. With placeholders, the event goes to the dead letter, so that it does not hold up the others. |
| The event has no value for a placeholder without a default. | The event goes to the dead letter. |

**Order.** Entries are in the order in which the sink received the events. With placeholders in \`key\`, the contents of an event decide
which key it is written to, so limit the user's permissions to keys with a common prefix.

**Permissions**, for keys that begin with \`alerts\`:

\`\`\`text
ACL SETUSER weir on >secret resetkeys ~alerts* ~{alerts* resetchannels -@all +client|setname +select +evalsha +script|load +xadd +zadd +zscore +zremrangebyscore +pexpire +config|get
\`\`\`

A list needs \`+rpush\` or \`+lpush\`, and \`+ltrim\` with \`max_length\`; a channel needs \`+publish\` and \`&alerts*\`. Without
\`+config|get\`, weir cannot warn about the settings above. Redis Cluster is not supported.
`,
  delivery: { concurrency: "one", batch: { maxEvents: 1000, maxSize: 1024 * 1024, timeout: 500 } },
  open({ config, recorded, save, ...context }) {
    const connection = new Connection(config, purpose);
    const { data_type, event_field: event, id_field: id, fields, key, max_length: most } = config;
    const entryFields = data_type === "stream" ? { event, id, more: Object.entries(fields) } : undefined;
    const options = { most, command: commandOf(config), choosesKey: key.fixed === undefined };
    let place = placeIn(recorded, () => randomUUID().slice(0, 8));
    /** Events before this position are saved as delivered. Undefined until the writer itself is saved. */
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
