import { createServer, type Server, type Socket } from "node:net";
import type { Control } from "./control.ts";
import { type ControlRequest, linesOf, send } from "./protocol.ts";
import { forgetSocket, prepareSocket } from "./socket-path.ts";

export interface ControlServer {
  /** Stops answering, and removes the socket. */
  close(): Promise<void>;
}

/** Answers commands for a data dir that this process has locked, on a socket that only its owner can open. */
export const serveControl = async (dataDir: string, control: Control): Promise<ControlServer> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    void answer(socket, control);
  });
  await listen(server, prepareSocket(dataDir));
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      forgetSocket(dataDir);
    },
  };
};

/** `listen` creates the socket before it returns; with the mask, no other user can open it at any moment. */
const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    const mask = process.umask(0o177);
    try {
      server.listen(path, () => resolve());
    } finally {
      process.umask(mask);
    }
  });

const answer = async (socket: Socket, control: Control): Promise<void> => {
  try {
    for await (const request of linesOf(socket)) {
      await answerOne(socket, request as ControlRequest, control);
      break;
    }
    socket.end();
  } catch {
    // The client is gone, or did not send JSON: there is no one to answer.
    socket.destroy();
  }
};

const answerOne = async (socket: Socket, request: ControlRequest, control: Control): Promise<void> => {
  try {
    await send(socket, { done: await carryOut(socket, request, control) });
  } catch (error) {
    await send(socket, { error: error instanceof Error ? error.message : String(error) });
  }
};

const carryOut = async (socket: Socket, request: ControlRequest, control: Control): Promise<unknown> => {
  switch (request.ask) {
    case "status":
      return control.status();
    case "reload":
      return control.reload();
    case "stored":
      return control.stored();
    case "forget":
      await control.forget(request.ids);
      return null;
    case "diff":
      return control.diff(request.file);
    case "purge":
      return control.purge(request.selector);
    case "replay":
      return control.replay(request.selector);
    case "letters":
      for await (const item of control.letters(request.selector)) await send(socket, { item });
      return null;
    default:
      throw new Error(
        `the running weir does not know "${(request as { ask: unknown }).ask}": it has another version. Use the same version for both.`,
      );
  }
};
