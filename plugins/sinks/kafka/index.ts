import { defineSink, option } from "weir";
import { kafkaOptions, kafkaPackage, kafkaWords, Producers } from "weir/kafka";
import { Attempt } from "./attempt.ts";
import { Records, recordOptions } from "./records.ts";
import { UnwritableTopics } from "./unwritable-topics.ts";

const clientId = "weir";

export default defineSink({
  name: "kafka",
  summary: "Writes events to Kafka topics.",
  packages: [kafkaPackage],
  options: {
    ...kafkaOptions,
    ...recordOptions,
    compression: option.oneOf(
      "none",
      "gzip",
      "snappy",
      "lz4",
      "zstd",
    )("Compression of records.", {
      default: "none",
    }),
  },
  notes: `
This plugin needs the package [@platformatic/kafka](https://www.npmjs.com/package/@platformatic/kafka), which is not part of weir. Install
it with \`npm i ${kafkaPackage}\`.

The value of a record is the event as JSON, and its header \`weir-event-id\` holds the event's id. An event counts as delivered when all
in-sync replicas have it (\`acks=all\`).

| what happened | what weir does |
| --- | --- |
| The record is too large for the topic, or the topic refuses it (\`MESSAGE_TOO_LARGE\`, \`INVALID_RECORD\`, \`INVALID_TIMESTAMP\`). | The event goes to the dead letter with the reason, and the others are delivered: weir sends a refused batch again in halves. |
| The rendered topic name is invalid, or the event has no value for a placeholder without a default. | The event goes to the dead letter. |
| A topic that was chosen by a placeholder does not exist, or the user may not write to it, for more than 5 s. | The event goes to the dead letter, so that it does not hold up the others. Until then, weir retries. |
| No broker answers, a topic without placeholders does not exist, credentials or permissions are missing, or anything else. | weir retries. Later events wait. |

If a topic does not exist, a broker creates it if it is configured to (\`auto.create.topics.enable\`). With placeholders in \`topic\`, the contents of an event
decide to which topic it goes. Limit the Kafka user's permissions to topics with a common prefix.

**Duplicates.** The producer is idempotent: when it repeats a request, for example after a broken connection, the broker discards the records that it already
has. If a whole write fails, or weir is killed during it, a new producer sends it again. A record can then be in the topic
twice, with the same event id. A consumer that needs each event only once must remember the ids.

**Order.** Records with the same \`key\` go to the same partition, and it is the one that the Java client would choose. With \`concurrency: 1\`, the default,
they are in the order in which the sink got the events: weir starts a write when the one before it has finished, and stops
after a failure. Duplicates come after the original, and may come after later records of the same write. Events replayed from the dead letter come
later. If you add partitions to a topic, keys can move to another partition. With a higher
\`concurrency\`, order is not guaranteed. Records without a key go to one partition per write, and the next write uses the next partition.

The timestamp of a record is the time when weir received the event.
`,
  delivery: { concurrency: 1, batch: { maxEvents: 1000, maxSize: 512 * 1024, timeout: 500 } },
  open({ config, clock, signal: stopped }) {
    const producers = new Producers(config, clientId);
    const records = new Records(config);
    const unwritable = new UnwritableTopics(clock);
    let turn = 0;
    return {
      write: (events, signal) =>
        producers.with(AbortSignal.any([signal, stopped]), (producer, library) =>
          new Attempt(producer, { library, events, turn: turn++, unwritable }).run(records),
        ),
      close: () => producers.close(),
    };
  },
  async check({ config, signal }) {
    const producers = new Producers(config, clientId);
    try {
      await producers.with(signal, (producer) => producer.metadata({ topics: [] }));
    } catch (error) {
      throw new Error(kafkaWords(error));
    } finally {
      await producers.close();
    }
  },
});
