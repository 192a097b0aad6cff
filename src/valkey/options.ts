import type { ClientTls } from "../http/tls.ts";
import { option } from "../option/option.ts";

const only = "Only with the type `valkey`.";

/** Options of a history in Valkey, beside those of every shared history. */
export const valkeyOptions = {
  url: option.optional({
    ...option.text(`Address of the server: \`redis://\`, or \`rediss://\` with TLS, and perhaps a database. ${only}`, {
      examples: ["rediss://valkey.example.org:6379/0"],
    }),
    title: "a URL such as redis://valkey.example.org:6379, without a user",
    pattern: String.raw`^rediss?://(\[[0-9A-Fa-f:.]+\]|[^\s:/@?#\[\]]+)(:[0-9]{1,5})?(/[0-9]{0,3})?$`,
  }),
  username: option.optional(option.text(`Name of the user; without it, the default user. ${only}`), {
    needs: ["password"],
  }),
  password: option.optional(option.secret(`Password of the user. ${only}`)),
  prefix: option.text(
    `What all keys begin with. Weirs that must not see each other's history, such as those of a test cluster, need another one. ${only}`,
    { default: "weir:" },
  ),
};

/** Where a history in Valkey is, and how to get there. */
export interface ValkeyConfig {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls: ClientTls;
  readonly prefix: string;
  /** In milliseconds. */
  readonly disorder: number;
}
