import { option } from "../option/option.ts";
import { type ValkeyServer, valkeyServerOptions } from "./server-options.ts";

const only = "Only with the type `valkey`.";
const { url, username, password } = valkeyServerOptions(only);

/** Options of a history in Valkey, in addition to those of every shared history. */
export const valkeyOptions = {
  url: option.optional(url),
  username,
  password,
  prefix: option.text(
    `What all keys begin with. Weirs that must not see each other's history, such as those of a test cluster, need another one. ${only}`,
    { default: "weir:" },
  ),
};

/** Where a history in Valkey is, and how to get there. */
export interface ValkeyConfig extends ValkeyServer {
  readonly prefix: string;
  /** In milliseconds. */
  readonly disorder: number;
}
