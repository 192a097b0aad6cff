import { backoff } from "../../backoff.ts";
import type { Context } from "../../context.ts";
import { kindOf } from "../../json.ts";
import type { SinkContext, Writer } from "../../plugin.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import type { SinkComponent } from "../../topology/topology.ts";

/** Opens a sink, with retries until it succeeds or the signal of `context` aborts. `random` is uniform in [0, 1). */
export const openSink = async (
  { plugin, host }: SinkComponent,
  context: SinkContext<never>,
  ledger: Ledger,
  random: () => number,
): Promise<Writer | undefined> => {
  const { clock, log, signal, trouble } = context;
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      const writer = await plugin.open(context);
      if (typeof writer?.write === "function") {
        if (failures > 1) trouble?.(undefined);
        return writer;
      }
      throw new Error(
        `open() of the plugin "${plugin.name}" returned ${kindOf(writer)}; it must return an object with a function "write"`,
      );
    } catch (error) {
      ledger.retry("not_opened");
      const wait = backoff(failures, host.retry, { random });
      log.error(`cannot open the sink, retrying in ${wait} ms: ${(error as Error).message}`);
      trouble?.(`the sink cannot be opened: ${(error as Error).message}`);
      await clock.sleep(wait, signal);
    }
  }
  return undefined;
};

/** Runs the health check of a sink, if it has one. A failure is only reported. */
export const checkHealth = async ({ plugin, host }: SinkComponent, context: Context<never>): Promise<void> => {
  if (!host.healthCheck || !plugin.check) return;
  try {
    await plugin.check(context);
  } catch (error) {
    if (context.signal.aborted) return;
    context.log.warn(`the health check failed; delivery starts anyway: ${(error as Error).message}`);
  }
};
