import { type Config, type Option, type Options, option } from "./option.ts";

const members = {
  max_size: option.bytes(
    "Maximum size of the state, in keys and values; on disk it takes about four times as much. weir logs when 80 % are used. Beyond the limit nothing new is remembered, which is counted and logged, and nothing is evicted.",
    {
      default: "256MiB",
    },
  ),
};

/**
 * The option `state` of a transform with state. The host adds it; a plugin that has more to say about its state defines it
 * itself, with `more`.
 */
export const stateOption = <const More extends Options>(more: More): Option<Config<More & typeof members>> =>
  option.group({ ...more, ...members })("The state of the component.") as Option<Config<More & typeof members>>;

/** Whether an option is made by `stateOption`, of this copy of the package or another one. */
export const isStateOption = (given: Option | undefined): boolean => {
  const size = (given?.["properties"] as Options | undefined)?.["max_size"];
  return size?.["description"] === members.max_size["description"];
};
