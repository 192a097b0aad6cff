import { type Delivery, type Option, option } from "weir";
import { Template, TemplateError, templateOption, templatePattern } from "weir/fields";

/** Characters of a topic's name; see Kafka's org.apache.kafka.common.internals.Topic. */
const plain = "[A-Za-z0-9._-]";

export const recordOptions = {
  topic: {
    ...option.text("Topic to write to. `{{ field }}` inserts a field of the event.", {
      examples: ["alerts", "logs.{{ data_stream.dataset:-generic }}"],
    }),
    title: "the name of a topic, with placeholders such as {{ field }}",
    pattern: `^(?=.)${templatePattern(plain)}$`,
  } as Option<string>,
  key: option.optional(
    templateOption("Key of each record. Records with the same key go to the same partition and keep their order.", {
      examples: ["{{ host.name }}"],
    }),
  ),
  headers: option.map(templateOption, { title: "the name of a header", pattern: "." })(
    "Headers to add to each record, by name, besides the one with the event's id.",
    {
      default: {},
    },
  ),
  id_header: option.text("Name of the header with the event's id. The id is the same each time weir sends the event.", {
    default: "weir-event-id",
  }),
};

export interface RecordOptions {
  readonly topic: string;
  readonly key?: Template;
  readonly headers: Readonly<Record<string, Template>>;
  readonly id_header: string;
}

/** A record as it is sent. */
export interface KafkaRecord {
  readonly topic: string;
  readonly key: Buffer | undefined;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
  /** Milliseconds since 1970. */
  readonly timestamp: bigint;
}

/** Turns events into records. */
export class Records {
  readonly #topic: Template;
  readonly #key: Template | undefined;
  readonly #headers: readonly (readonly [name: Buffer, value: Template])[];
  readonly #idHeader: Buffer;

  constructor({ topic, key, headers, id_header }: RecordOptions) {
    this.#topic = new Template(topic);
    this.#key = key;
    this.#headers = Object.entries(headers).map(([name, text]) => [Buffer.from(name), text]);
    this.#idHeader = Buffer.from(id_header);
  }

  /** Whether the topic has placeholders. */
  get choosesTopic(): boolean {
    return this.#topic.fixed === undefined;
  }

  /** Throws a TemplateError if the event has no value for a placeholder, or one that cannot be part of a topic's name. */
  of({ id, json, data, meta }: Delivery): KafkaRecord {
    const text = (template: Template) => Buffer.from(template.render(data, (value) => value, meta));
    return {
      topic: checked(text(this.#topic).toString()),
      key: this.#key && text(this.#key),
      value: Buffer.from(json),
      headers: new Map([
        [this.#idHeader, Buffer.from(id)],
        ...this.#headers.map(([name, template]) => [name, text(template)] as const),
      ]),
      // The same each time the event is sent.
      timestamp: BigInt(meta.ingested),
    };
  }
}

const checked = (topic: string): string => {
  if (!/^[A-Za-z0-9._-]*$/.test(topic))
    throw new TemplateError(
      `"${topic.slice(0, 100)}" cannot be the name of a topic: use only letters, digits, ".", "_" and "-"`,
    );
  if (topic === "" || topic === "." || topic === ".." || topic.length > 249)
    throw new TemplateError(
      `"${topic.slice(0, 40)}" cannot be the name of a topic: it must have 1 to 249 characters, and not be "." or ".."`,
    );
  return topic;
};
