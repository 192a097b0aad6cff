import { type Config, option } from "weir";
import { templateOption } from "weir/fields";
import { OptionError } from "weir/transform";
import { checkValkeyServer, valkeyServerOptions } from "weir/valkey";

const { url, ...server } = valkeyServerOptions();

export const redisOptions = {
  url,
  key: templateOption("Stream, list or channel to write to. `{{ field }}` inserts a field of the event.", {
    examples: ["alerts", "logs:{{ data_stream.dataset:-generic }}"],
  }),
  data_type: option.oneOf(
    "stream",
    "list",
    "channel",
  )(
    "`stream`: adds entries (`XADD`). `list`: appends values. `channel`: publishes messages, which the server does not keep.",
    {
      default: "stream",
    },
  ),
  list_command: option.optional(
    option.oneOf(
      "RPUSH",
      "LPUSH",
    )("For a list: the command, and so the end to add to. Default: `RPUSH`, so that `BLPOP` takes the oldest."),
  ),
  max_length: option.optional(
    option.integer(
      "The most entries that a stream or a list keeps. Older ones are removed, even if nobody has read them. A stream may keep a few more (`MAXLEN ~`).",
      { minimum: 1, examples: [1_000_000] },
    ),
  ),
  event_field: option.text("For a stream: the field with the event as JSON.", { default: "event" }),
  id_field: option.text(
    "For a stream: the field with the event's id. It stays the same if the event is written again.",
    {
      default: "id",
    },
  ),
  fields: option.map(templateOption, { title: "the name of a field", pattern: "." })(
    "For a stream: more fields of an entry. `{{ field }}` inserts a field of the event.",
    { default: {}, examples: [{ rule: "{{ kibana.alert.rule.name }}" }] },
  ),
  ...server,
};

export type RedisConfig = Config<typeof redisOptions>;

/** Throws an `OptionError` for options that do not fit together. */
export const checkRedis = (config: RedisConfig): void => {
  checkValkeyServer(config);
  const { data_type, list_command, max_length, fields, event_field, id_field } = config;
  const refuse = (name: string, only: string) => {
    throw new OptionError(`"${name}" has no effect with data_type "${data_type}"`, [name], {
      hint: `Remove it, or set data_type: ${only}.`,
    });
  };
  if (list_command !== undefined && data_type !== "list") refuse("list_command", "list");
  if (max_length !== undefined && data_type === "channel") refuse("max_length", "stream");
  if (Object.keys(fields).length > 0 && data_type !== "stream") refuse("fields", "stream");
  const names = [event_field, id_field];
  const twice = Object.keys(fields).find((name) => names.includes(name));
  if (twice !== undefined)
    throw new OptionError(`an entry already has the field ${JSON.stringify(twice)}`, ["fields", twice], {
      hint: 'Choose another name, or change "event_field" or "id_field".',
    });
  if (event_field === id_field)
    throw new OptionError(`"event_field" and "id_field" have the same name`, ["id_field"], {
      hint: "Change one of them.",
    });
};

/** The command that writes an event. */
export const commandOf = ({ data_type, list_command = "RPUSH" }: RedisConfig): string =>
  ({ stream: "XADD", list: list_command, channel: "PUBLISH" })[data_type];
