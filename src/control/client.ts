import { connect, type Socket } from "node:net";
import type { TapPart } from "../runtime/tap/tap.ts";
import type { RunningControl, Status, Tapped } from "./control.ts";
import { type Answer, type ControlRequest, linesOf, send } from "./protocol.ts";
import { findSocket } from "./socket-path.ts";

/** The control of the weir that runs on the data dir; `undefined` if none answers. */
export const reachControl = async (dataDir: string): Promise<RunningControl | undefined> => {
  const path = findSocket(dataDir);
  const first = await open(path);
  if (!first) return undefined;
  first.destroy();
  const ask = (request: ControlRequest) => answersTo(path, request);
  return {
    status: () => doneOf<Status>(ask({ ask: "status" })),
    reload: () => doneOf(ask({ ask: "reload" })),
    stored: () => doneOf(ask({ ask: "stored" })),
    forget: (ids) => doneOf(ask({ ask: "forget", ids })),
    diff: (file) => doneOf(ask({ ask: "diff", file })),
    purge: (selector) => doneOf(ask({ ask: "purge", selector })),
    replay: (selector) => doneOf(ask({ ask: "replay", selector })),
    letters: (selector) => itemsOf(ask({ ask: "letters", selector })),
    tap: (tap) => tapped(path, { ask: "tap", tap }),
  };
};

/** `undefined` if nothing listens on the socket. */
const open = (path: string): Promise<Socket | undefined> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(undefined);
      else reject(new Error(`the running weir cannot be reached on "${path}": ${error.message}.`));
    });
  });

/** `over`: aborting it ends the connection. */
async function* answersTo(path: string, request: ControlRequest, over?: AbortSignal): AsyncGenerator<Answer> {
  const socket = await open(path);
  if (!socket) throw gone();
  socket.on("error", () => undefined);
  over?.addEventListener("abort", () => socket.destroy());
  try {
    await send(socket, request);
    for await (const answer of linesOf(socket) as AsyncIterable<Answer>) {
      if ("error" in answer) throw new Error(answer.error);
      yield answer;
      if ("done" in answer) return;
    }
  } finally {
    socket.destroy();
  }
  throw gone();
}

const tapped = async (path: string, request: ControlRequest): Promise<Tapped> => {
  const over = new AbortController();
  const items = itemsOf(answersTo(path, request, over.signal));
  const { value } = await items.next();
  return {
    points: (value as Pick<Tapped, "points">).points,
    parts: partsOf(items as AsyncGenerator<TapPart>, over),
    close: () => over.abort(),
  };
};

async function* partsOf(items: AsyncGenerator<TapPart>, over: AbortController): AsyncGenerator<TapPart> {
  try {
    yield* items;
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    over.abort();
  }
}

const gone = (): Error => new Error("the running weir ended before it answered; try again.");

const doneOf = async <T>(answers: AsyncIterable<Answer>): Promise<T> => {
  for await (const answer of answers) if ("done" in answer) return answer.done as T;
  throw gone();
};

async function* itemsOf<T>(answers: AsyncIterable<Answer>): AsyncGenerator<T> {
  for await (const answer of answers) if ("item" in answer) yield answer.item as T;
}
