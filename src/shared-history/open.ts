import { kafkaPackage } from "../kafka/client.ts";
import { KafkaHistory } from "../kafka/history/history.ts";
import { valkeyPackage } from "../valkey/connection.ts";
import { openValkeyHistory } from "../valkey/open.ts";
import { type SharedState, storeOf } from "./options.ts";
import type { HistoryHost, OpenHistory } from "./waiting.ts";

const packages = { disk: [], valkey: [valkeyPackage], kafka: [kafkaPackage] } as const;

/** The packages that a state needs. */
export const packagesForState = ({ type }: Pick<SharedState, "type">): readonly string[] => packages[type];

/** Opens the shared history that the option `state` names; `undefined` if it names none. It connects in `prepare`. */
export const openSharedHistory = (state: SharedState, host: HistoryHost): OpenHistory | undefined => {
  const store = storeOf(state);
  if (!store) return undefined;
  if (store.type === "valkey") return openValkeyHistory(store.config, host);
  const history = new KafkaHistory(store.config, host);
  return { history, prepare: () => history.prepare() };
};
