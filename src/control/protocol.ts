import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Selector } from "../runtime/dead-letter-selector.ts";

/**
 * What is said over the control socket: one request, a line of JSON; then lines of JSON that answer it, any number with
 * an `item`, and a last one with `done` or `error`.
 */
export type Request =
  | { readonly ask: "status" }
  | { readonly ask: "letters" | "purge" | "replay"; readonly selector: Selector };

export type Answer =
  | { readonly item: unknown }
  | { readonly done: unknown }
  /** A sentence for people. */
  | { readonly error: string };

/** Lines of JSON as they come; it ends with the connection, and rejects when that breaks. */
export async function* linesOf(socket: Socket): AsyncGenerator<unknown> {
  const lines = createInterface({ input: socket });
  // It repeats the socket's errors, also while nobody asks it for a line: unheard, they would end the process.
  lines.on("error", () => undefined);
  for await (const line of lines) yield JSON.parse(line);
}

/** Resolves when the peer has taken so much that there is room for more; rejects when it is gone. */
export const send = async (socket: Socket, message: Request | Answer): Promise<void> => {
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
