import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { threadTime } from "../runtime/tap/thread-time.ts";
import type { RunningControl, Tapped } from "./control.ts";
import { type ControlRequest, linesOf, send } from "./protocol.ts";
import { forgetSocket, prepareSocket } from "./socket-path.ts";

export interface ControlServer {
  /** Stops answering, and removes the socket. What taps have seen is sent first, to those who read it. */
  close(): Promise<void>;
}

/** How long the reader of a tap has to read the rest when the run ends, in milliseconds. */
const patience = 300;

/** Answers commands for a data dir that this process has locked, on a socket that only its owner can open. */
export const serveControl = async (dataDir: string, control: RunningControl): Promise<ControlServer> => {
  const sockets = new Set<Socket>();
  const tapping = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    void answer(socket, control, tapping);
  });
  await listen(server, prepareSocket(dataDir));
  return {
    close: async () => {
      const read = Promise.all([...tapping].map((socket) => once(socket, "close")));
      if (tapping.size > 0) await Promise.race([read, sleep(patience)]);
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

const answer = async (socket: Socket, control: RunningControl, tapping: Set<Socket>): Promise<void> => {
  try {
    for await (const request of linesOf(socket)) {
      const asked = request as ControlRequest;
      if (asked.ask === "tap") tapping.add(socket.once("close", () => tapping.delete(socket)));
      await answerOne(socket, asked, control);
      break;
    }
    socket.end();
  } catch {
    // The client is gone, or did not send JSON: there is no one to answer.
    socket.destroy();
  }
};

const answerOne = async (socket: Socket, request: ControlRequest, control: RunningControl): Promise<void> => {
  try {
    await send(socket, { done: await carryOut(socket, request, control) });
  } catch (error) {
    await send(socket, { error: error instanceof Error ? error.message : String(error) });
  }
};

const carryOut = async (socket: Socket, request: ControlRequest, control: RunningControl): Promise<unknown> => {
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
    case "tap":
      await sendTap(socket, await control.tap(request.tap));
      return null;
    default:
      throw new Error(
        `the running weir does not know "${(request as { ask: unknown }).ask}": it has another version. Use the same version for both.`,
      );
  }
};

/** The connection may end while nothing passes: the tap must not stay. */
const sendTap = async (socket: Socket, { points, parts, close, charge }: Tapped): Promise<void> => {
  socket.once("close", close);
  if (socket.destroyed) close();
  await send(socket, { item: { points } });
  for await (const item of parts) {
    const start = threadTime();
    const sent = send(socket, { item });
    charge?.(threadTime() - start);
    await sent;
  }
};
