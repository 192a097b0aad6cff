import type { Log } from "../plugin.ts";
import { textOf } from "../transform/reject.ts";
import { leaveNow } from "./leave.ts";

/** Ends the process with a message when something throws where nothing can catch it, such as in a timer of a plugin. */
export const reportUncaught = (log: Log): void => {
  process.on("uncaughtException", (error: unknown, origin) => {
    const what = origin === "unhandledRejection" ? "a promise that nothing awaits was rejected" : "a callback threw";
    log.error(
      `${what}, and the run ends; the next start continues from the last commit. If the stack names a plugin, await the promise there, or catch the error: ${textOf(error)}`,
      { stack: error instanceof Error ? error.stack : undefined },
    );
    leaveNow(1);
  });
};
