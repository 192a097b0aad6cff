import { defineSink, option } from "weir";
import { kafkaOptions, kafkaPackage, kafkaWords } from "weir/kafka";
import { Attempt } from "./attempt.ts";
import { Producers } from "./producers.ts";
import { Records, recordOptions } from "./records.ts";
import { UnwritableTopics } from "./unwritable-topics.ts";

const clientId = "weir";

export default defineSink({
  name: "kafka",
  summary: "Writes events to topics of Kafka.",
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
    )("How to compress records.", {
      default: "none",
    }),
  },
  notes: `
The plugin needs the package [@platformatic/kafka](https://www.npmjs.com/package/@platformatic/kafka), which does not come with
weir: \`npm i ${kafkaPackage}\`.

The value of a record is the event as JSON, and the header \`weir-event-id\` has its id. An event counts as delivered when all
replicas that are in sync have it (\`acks=all\`).

| what happened | what weir does |
| --- | --- |
| the record is too large for the topic, or the topic refuses it (\`MESSAGE_TOO_LARGE\`, \`INVALID_RECORD\`, \`INVALID_TIMESTAMP\`) | The event goes to the dead letter with the reason, and those beside it are delivered: weir sends a batch that is refused again in halves. |
| a value makes no valid name of a topic, or the event has no value for a placeholder without a default | dead letter |
| a topic that an event chooses by a placeholder does not exist, or may not be written to, for more than 5 s | dead letter: one event must not hold up all others. Meanwhile it is tried again |
| no broker answers, a topic without placeholders does not exist, credentials or rights are missing, anything else | Tries again. Later events wait. |

A broker creates a topic that does not exist if it is set up to (\`auto.create.topics.enable\`). A \`topic\` with placeholders lets events
choose among all topics that the user may write to: give the user rights to a prefix only.

**Repetitions.** The producer is idempotent: when it repeats a request itself, as after a broken connection, the broker leaves out what it
has. A write that failed as a whole, or during which weir was killed, is sent again by a new producer, so a record can be there
twice, with the same id. Consumers that need each event once remember the ids.

**Order.** Records with the same \`key\` go to the same partition, which is the one that the Java client chooses. With
\`concurrency: 1\`, the default, they are in the order of the events that the sink got: a write begins when the one before it is
settled, and the rest of a write is not sent after a failure. Repetitions come after the record that they repeat, and may come after later
ones of that write. An event that comes back from the dead letter comes later, and if partitions are added to a topic, keys move. With a higher
\`concurrency\` nothing is promised about the order. The records of a write without a key go to one partition, and those of the
next one to the next.

A record has the time at which weir received its event.
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
