import type { Ledger } from "../../telemetry/ledger.ts";
import type { Delivering } from "../../topology/topology.ts";
import type { DeadLetters } from "../dead-letters/dead-letters.ts";
import type { Outbox } from "./outbox.ts";
import type { Overflow } from "./sink-node.ts";

interface Parts {
  readonly outbox: Outbox;
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetters;
}

/** What `buffer.when_full` says to do when the outbox of a sink is full. */
export const overflowOf = (
  { maxSize, whenFull }: Delivering["buffer"],
  { outbox, ledger, deadLetters }: Parts,
): Overflow | undefined => {
  if (whenFull === "block") return undefined;
  const { name } = outbox;
  const message = `the outbox of "${name}" is full (${maxSize} bytes)`;
  return {
    hasRoom: (bytes) => outbox.hasRoomFor(bytes),
    spill: (flight, events, done) => {
      if (whenFull === "drop_newest") {
        ledger.drop("outbox_full", events.length);
        done();
      } else {
        ledger.deadLetter("outbox_full", events.length);
        const rejections = events.map((event) => ({ event, reason: "outbox_full", message }));
        deadLetters.reject(flight, name, rejections, done);
      }
    },
  };
};
