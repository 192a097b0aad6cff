import { connect, type Socket } from "node:net";
import type { Control, Status } from "./control.ts";
import { type Answer, type ControlRequest, linesOf, send } from "./protocol.ts";
import { findSocket } from "./socket-path.ts";

/** The control of the weir that runs on the data dir; `undefined` if none answers. */
export const reachControl = async (dataDir: string): Promise<Control | undefined> => {
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

async function* answersTo(path: string, request: ControlRequest): AsyncGenerator<Answer> {
  const socket = await open(path);
  if (!socket) throw gone();
  socket.on("error", () => undefined);
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

const gone = (): Error => new Error("the running weir ended before it answered; try again.");

const doneOf = async <T>(answers: AsyncIterable<Answer>): Promise<T> => {
  for await (const answer of answers) if ("done" in answer) return answer.done as T;
  throw gone();
};

async function* itemsOf<T>(answers: AsyncIterable<Answer>): AsyncGenerator<T> {
  for await (const answer of answers) if ("item" in answer) yield answer.item as T;
}
