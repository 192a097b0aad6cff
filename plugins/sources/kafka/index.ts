import { defineSource } from "weir";
import { kafkaPackage } from "weir/kafka";
import { options } from "./options.ts";
import { readTopics } from "./read.ts";

export default defineSource({
  name: "kafka",
  summary: "Reads Kafka topics as a member of a consumer group.",
  packages: [kafkaPackage],
  options,
  decoding: { codec: "json", framing: "whole" },
  notes: `
This plugin needs the package [@platformatic/kafka](https://www.npmjs.com/package/@platformatic/kafka), which is not part of weir. Install
it with \`npm i ${kafkaPackage}\`.

Each record's value is one event. With \`framing: newline\` or \`items\`, a value can hold several events. A value that weir cannot decode goes
to the dead letter. Records without a value are skipped, and so are records of aborted transactions.

**Fields.** Kafka's metadata is in \`_meta.kafka\`: \`topic\`, \`partition\`, \`offset\`, \`timestamp\`, \`key\`, and \`headers\` by name. With
\`origin: always\`, or with a codec other than \`json\`, it is also in the event, under \`kafka\`. Keys and headers that are not UTF-8 are
base64.

**Positions.** weir commits the position of each partition to its data dir together with the events, the pipeline's state and its
outboxes, as it does for every source. After a crash it continues exactly there. It then commits the offsets to the consumer group too, for
monitoring tools and for other collectors. When a partition is assigned, weir continues at its own position or at the group's
offset, whichever is later. To read a topic again, use a new \`group\` and a new component id, or a new data dir.
In \`weir.db\`, the position of a partition is called \`TOPIC/PARTITION\` and is the offset of the next record. weir treats a topic that was
deleted and created again as a new one.

**Several collectors** in one group share the partitions. Each needs its own data dir. When a partition moves to another collector, the
new one continues at the group's offset, which is about a second behind what the old one has committed. Each record is therefore read
**at least once**: after a move, both collectors may read the records of that last second. A clean stop commits the offsets
to the group first. Event ids are derived from the component id, topic, partition and offset, so both collectors give a record the
same id. State does not move with a partition: a rule that correlates events sees only what its own collector has read. A history of new
terms can be [shared](../../many-collectors.md#a-fleet-on-kafka).

If Kafka deletes records before weir has read them (\`retention\`), weir logs how many offsets it skipped.

weir does not read a batch that has more than 128 MiB or 1,000,000 records when it is decompressed, so that no producer can fill the
memory. Such a batch holds up the source; the log says how to skip it.

When weir has no room, it stops fetching, but stays a member of the group.
`,
  read: readTopics,
});
