import type { Config } from "../option/option.ts";
import { valkeyPackage } from "../valkey/connection.ts";
import { openValkeyHistory } from "../valkey/open.ts";
import { type sharedStateOption, valkeyConfig } from "./options.ts";
import type { HistoryHost, OpenHistory } from "./waiting.ts";

type State = Config<{ readonly state: typeof sharedStateOption }>["state"];

/** The packages that a state needs. */
export const packagesForState = ({ type }: Pick<State, "type">): readonly string[] =>
  type === "valkey" ? [valkeyPackage] : [];

/** Opens the shared history that the option `state` names; `undefined` if it names none. It connects in `prepare`. */
export const openSharedHistory = (state: State, host: HistoryHost): OpenHistory | undefined => {
  const config = valkeyConfig(state);
  return config && openValkeyHistory(config, host);
};
