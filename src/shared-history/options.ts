import { clientTlsGroup } from "../http/tls.ts";
import { type Config, option } from "../option/option.ts";
import { OptionError } from "../option/option-error.ts";
import { stateOption } from "../option/state-option.ts";
import { type ValkeyConfig, valkeyOptions } from "../valkey/options.ts";

const { url, username, password, prefix } = valkeyOptions;

/** The option `state` of a transform whose history several weirs can share. */
export const sharedStateOption = stateOption({
  type: option.oneOf("disk", "valkey")(
    "Where the history is. `disk`: in the data dir. `valkey`: in a Valkey or Redis, shared with all weirs that name the same.",
    { default: "disk" },
  ),
  url,
  username,
  password,
  tls: clientTlsGroup("TLS settings for `rediss` URLs."),
  prefix,
  disorder: option.duration(
    "How long before the first sighting of a combination another one can be and still be no news: collectors do not see events in the order of their times. Only with the type `valkey`.",
    { default: "1m" },
  ),
});

type State = Config<{ readonly state: typeof sharedStateOption }>["state"];

/** The settings of a shared history; `undefined` if it is on disk. Throws an `OptionError` for what does not fit together. */
export const valkeyConfig = ({ type, url, max_size: _, ...rest }: State): ValkeyConfig | undefined => {
  const { username, password, tls = {} } = rest;
  const usesTls = Object.values(tls).some((value) => value !== undefined);
  if (type === "disk") {
    const idle = Object.entries({ url, username, password, tls: usesTls || undefined }).find(([, value]) => value);
    if (!idle) return undefined;
    const hint = 'Add "type: valkey", or remove it.';
    throw new OptionError(`"${idle[0]}" has no effect on a state on disk`, ["state", idle[0]], { hint });
  }
  if (url === undefined)
    throw new OptionError('a state of type "valkey" needs "url"', ["state", "type"], {
      hint: "Write the address of the server: url: redis://valkey.example.org:6379.",
    });
  if (usesTls && url.startsWith("redis:"))
    throw new OptionError('"tls" has no effect on a URL that begins with "redis://"', ["state", "tls"], {
      hint: 'Begin the URL with "rediss://", or remove it.',
    });
  return { ...rest, url };
};
