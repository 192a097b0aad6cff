import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Selector } from "../runtime/dead-letters/selector.ts";
import type { TapRequest } from "../runtime/tap/taps.ts";

/**
 * The protocol of the control socket: one request, as a line of JSON; then the answers, as lines of JSON: any number with
 * an `item`, and a last one with `done` or `error`. The first item of a tap says what it watches; the others are its parts.
 */
export type ControlRequest =
  | { readonly ask: "status" | "reload" | "stored" }
  | { readonly ask: "forget"; readonly ids: readonly string[] }
  | { readonly ask: "diff"; readonly file: string }
  | { readonly ask: "tap"; readonly tap: TapRequest }
  | { readonly ask: "letters" | "purge" | "replay"; readonly selector: Selector };

export type Answer =
  | { readonly item: unknown }
  | { readonly done: unknown }
  /** A sentence for people. */
  | { readonly error: string };

/** Lines of JSON as they arrive, until the connection ends; it rejects if the connection breaks. */
export async function* linesOf(socket: Socket): AsyncGenerator<unknown> {
  const lines = createInterface({ input: socket });
  // It repeats the socket's errors, even when no line is awaited; unhandled, they would end the process.
  lines.on("error", () => undefined);
  // A connection that this side closes has no end.
  socket.once("close", () => lines.close());
  for await (const line of lines) yield JSON.parse(line);
}

/** Resolves when there is room to send more; rejects when the peer is gone. */
export const send = async (socket: Socket, message: ControlRequest | Answer): Promise<void> => {
  if (socket.destroyed) throw new Error("the connection is closed");
  if (socket.write(`${JSON.stringify(message)}\n`)) return;
  await new Promise<void>((resolve, reject) => {
    const done = () => {
      socket.off("drain", done).off("close", gone);
      resolve();
    };
    const gone = () => reject(new Error("the connection is closed"));
    socket.on("drain", done).on("close", gone);
  });
};
