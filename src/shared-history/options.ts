import { switchedTlsOption } from "../http/tls.ts";
import { type KafkaHistoryConfig, kafkaHistoryOptions } from "../kafka/history/options.ts";
import { type Config, option } from "../option/option.ts";
import { OptionError } from "../option/option-error.ts";
import { stateOption } from "../option/state-option.ts";
import { type ValkeyConfig, valkeyOptions } from "../valkey/options.ts";
import { checkValkeyServer } from "../valkey/server-options.ts";

const { url, username, password, prefix } = valkeyOptions;
const { brokers, sasl, topic } = kafkaHistoryOptions;

/** The option `state` of a transform whose history several weirs can share. */
export const sharedStateOption = stateOption({
  type: option.oneOf(
    "disk",
    "valkey",
    "kafka",
  )(
    "Where the history is. `disk`: in the data dir. `valkey`: in Valkey or Redis. `kafka`: in a Kafka topic. All weirs with the same `valkey` or `kafka` settings share it.",
    { default: "disk" },
  ),
  url,
  username,
  password,
  brokers,
  sasl,
  topic,
  tls: {
    ...switchedTlsOption,
    description: "TLS settings: with `valkey`, for `rediss` URLs; with `kafka`, as in the `kafka` source.",
  } as typeof switchedTlsOption,
  prefix,
  disorder: option.duration(
    "How much earlier than all known sightings of a combination an event can be and still not count as new. Collectors do not see events in the order of their times. With `kafka`, times are also rounded to steps of this length. Only for a shared history.",
    { default: "1m" },
  ),
});

export type SharedState = Config<{ readonly state: typeof sharedStateOption }>["state"];

/** Where a shared history is. */
export type Store =
  | { readonly type: "valkey"; readonly config: ValkeyConfig }
  | { readonly type: "kafka"; readonly config: KafkaHistoryConfig };

/** The store that the option names; `undefined` if it is the data dir. Throws an `OptionError` for what does not fit together. */
export const storeOf = (state: SharedState): Store | undefined => {
  checkIdle(state);
  const { type, url, username, password, brokers, sasl, topic, tls, prefix, disorder, max_size } = state;
  if (type === "disk") return undefined;
  if (type === "kafka") {
    if (!brokers) throw lacks(type, "brokers", "brokers: [kafka.example.org:9092]");
    return { type, config: { brokers, ...(sasl && { sasl }), tls, topic, disorder, max_size } };
  }
  if (url === undefined) throw lacks(type, "url", "url: redis://valkey.example.org:6379");
  if (tls.enabled !== undefined)
    throw new OptionError('"tls.enabled" has no effect on a URL', ["state", "tls", "enabled"], {
      hint: 'Remove it: a URL that begins with "rediss://" has TLS.',
    });
  const user = { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  const config = { url, ...user, tls, prefix, disorder };
  checkValkeyServer(config, ["state"]);
  return { type, config };
};

/** Whether one of the options is given. The group is absent if weir runs without the store. */
const isSet = (group: object = {}): boolean => Object.values(group).some((value) => value !== undefined);

const lacks = (type: string, name: string, line: string): OptionError =>
  new OptionError(`a state of type "${type}" needs "${name}"`, ["state", "type"], {
    hint: `Set it, such as ${line}.`,
  });

/** Throws for an option of another type. Options with a default are not checked. */
const checkIdle = ({ type, url, username, password, brokers, sasl, tls }: SharedState): void => {
  const own = { url, username, password };
  const idle = {
    ...(type !== "valkey" && own),
    ...(type !== "kafka" && { brokers, sasl }),
    ...(type === "disk" && { tls: isSet(tls) || undefined }),
  };
  const name = Object.entries(idle).find(([, value]) => value !== undefined)?.[0];
  if (name === undefined) return;
  const wanted = name in own ? "valkey" : "kafka";
  throw new OptionError(
    type === "disk"
      ? `"${name}" has no effect on a state on disk`
      : `"${name}" has no effect on a state of type "${type}"`,
    ["state", name],
    {
      hint:
        name === "tls"
          ? 'Add "type: valkey" or "type: kafka", or remove it.'
          : `Write "type: ${wanted}", or remove it.`,
    },
  );
};
