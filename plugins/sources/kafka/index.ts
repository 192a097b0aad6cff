import { defineSource } from "weir";
import { kafkaPackage } from "weir/kafka";
import { options } from "./options.ts";
import { readTopics } from "./read.ts";

export default defineSource({
  name: "kafka",
  summary: "Reads topics of Kafka as a member of a consumer group.",
  packages: [kafkaPackage],
  options,
  decoding: { codec: "json", framing: "whole" },
  notes: `
The plugin needs the package [@platformatic/kafka](https://www.npmjs.com/package/@platformatic/kafka), which does not come with
weir: \`npm i ${kafkaPackage}\`.

The value of a record is one event. With \`framing: newline\` or \`items\` it can hold several. A value that cannot be decoded goes to
the dead letter; records without a value are passed over. Records of transactions that were aborted are not read.

**Fields.** What Kafka says about a record is under \`_meta.kafka\`, and with \`origin: always\`, or for codecs other than \`json\`, also in the event:
\`kafka.topic\`, \`kafka.partition\`, \`kafka.offset\`, \`kafka.timestamp\`, \`kafka.key\` and \`kafka.headers\` by name. A key or header
that is not UTF-8 is base64.

**Positions.** The position of each partition is committed in the data dir together with the events, the state of the pipeline and its
outboxes, as for every source: after a crash, weir continues exactly there. The offsets are then committed to the group too, for
tools that show the lag, and for the other collectors. When a partition is assigned, weir continues at its own position or at the offset
of the group, whichever is later. To read again, use another \`group\` and another id of the component, or a new data dir.
\`weir.db\` has the position under the name \`TOPIC/PARTITION\`: it is the offset of the next record. A topic that was deleted and created again is a
new one.

**Several collectors** of one group divide the partitions among them, and each has a data dir of its own. When a partition moves
from one to another, the new one continues at the offset of the group, which follows about a second behind what the old one
has committed. So **each record is read at least once**: after a move, those of the last second may be read by both. An orderly stop
commits the offsets to the group first. The id of an event is made from the id of the component, topic, partition and offset, so both give a record the same
id. State, such as the history of a rule, does not move with a partition: rules that look at several events see
only what their own collector has read.

Records that Kafka has deleted before weir could read them (\`retention\`) are gone; weir logs how many offsets it skipped.

A batch that has more than 128 MiB or 1,000,000 records when it is decompressed is not read, so that no producer can fill the memory. It holds up
its broker; the log says how to go on behind it.

While there is no room, weir asks the brokers for nothing, and stays a member of the group.
`,
  read: readTopics,
});
