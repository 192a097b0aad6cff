import { type Config, option } from "../option/option.ts";
import { OptionError } from "../option/option-error.ts";
import { stateOption } from "../option/state-option.ts";
import { checkValkeyServer, hasTls, type ValkeyServer, valkeyServerOptions } from "./server-options.ts";

const only = "Only with the type `valkey`.";
const { url, ...server } = valkeyServerOptions(only);

/** The option `state` of a transform whose history several weirs can share. */
export const sharedStateOption = stateOption({
  type: option.oneOf("disk", "valkey")(
    "Where the history is. `disk`: in the data dir. `valkey`: in a Valkey or Redis, shared with all weirs that name the same.",
    { default: "disk" },
  ),
  url: option.optional(url),
  ...server,
  prefix: option.text(
    `What all keys begin with. Weirs that must not see each other's history, such as those of a test cluster, need another one. ${only}`,
    { default: "weir:" },
  ),
  disorder: option.duration(
    `How long before the first sighting of a combination another one can be and still be no news: collectors do not see events in the order of their times. ${only}`,
    { default: "1m" },
  ),
});

type State = Config<{ readonly state: typeof sharedStateOption }>["state"];

/** Where a shared history is, and how to get there. */
export type ValkeyConfig = ValkeyServer & Pick<State, "prefix" | "disorder">;

/** The settings of a shared history; `undefined` if it is on disk. Throws an `OptionError` for what does not fit together. */
export const valkeyConfig = ({ type, url, max_size: _, ...rest }: State): ValkeyConfig | undefined => {
  const { username, password, tls = {} } = rest;
  if (type === "disk") {
    const set = { url, username, password, tls: hasTls({ tls }) || undefined };
    const idle = Object.entries(set).find(([, value]) => value);
    if (!idle) return undefined;
    const hint = 'Add "type: valkey", or remove it.';
    throw new OptionError(`"${idle[0]}" has no effect on a state on disk`, ["state", idle[0]], { hint });
  }
  if (url === undefined)
    throw new OptionError('a state of type "valkey" needs "url"', ["state", "type"], {
      hint: "Write the address of the server: url: redis://valkey.example.org:6379.",
    });
  const config = { ...rest, url };
  checkValkeyServer(config, ["state"]);
  return config;
};
