import { clientTlsGroup } from "../http/tls.ts";
import { type Config, option } from "../option/option.ts";
import { OptionError, type OptionPath } from "../option/option-error.ts";

const address =
  "Address of the server: a `redis://` URL, or `rediss://` for TLS, optionally with a database; or `unix://` and the path of a socket, optionally with `?db=1`.";

/** Options of a client of a server. `only`: a sentence to end their descriptions with. */
export const valkeyServerOptions = (only?: string) => {
  const said = (text: string) => (only === undefined ? text : `${text} ${only}`);
  return {
    url: {
      ...option.text(said(address), {
        examples: ["rediss://valkey.example.org:6379/0", "unix:///run/valkey/valkey.sock"],
      }),
      title: "a URL such as redis://valkey.example.org:6379, without a user",
      pattern: String.raw`^(rediss?://(\[[0-9A-Fa-f:.]+\]|[^\s:/@?#\[\]]+)(:[0-9]{1,5})?(/[0-9]{0,3})?|unix:///[^\s?#]+(\?db=[0-9]{1,3})?)$`,
    },
    username: option.optional(option.text(said("User name. Without it, the default user.")), {
      needs: ["password"],
    }),
    password: option.optional(option.secret(said("Password of the user."))),
    tls: clientTlsGroup("TLS settings for `rediss` URLs."),
  };
};

/** Where a server is, and how to get there. */
export type ValkeyServer = Config<ReturnType<typeof valkeyServerOptions>>;

/** Whether an option of TLS is set. */
const hasTls = ({ tls }: Pick<ValkeyServer, "tls">): boolean => Object.values(tls).some((value) => value !== undefined);

/** Throws an `OptionError` if the options of a server do not fit together. `path`: of the options. */
export const checkValkeyServer = (server: ValkeyServer, path: OptionPath = []): void => {
  const scheme = /^\w+:\/\//.exec(server.url)?.[0];
  if (scheme === "rediss://" || !hasTls(server)) return;
  throw new OptionError(`"tls" has no effect on a URL that begins with "${scheme}"`, [...path, "tls"], {
    hint: 'Begin the URL with "rediss://", or remove "tls".',
  });
};
