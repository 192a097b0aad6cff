import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** The ports of a running weir, and of the address that attackers use. */
export interface Target {
  readonly http: number;
  readonly tls: number;
  readonly webhook: number;
  readonly webSocket: number;
}

export interface Attack {
  /** One round; resolves with a word for what became of it. */
  readonly run: (target: Target, round: number) => Promise<string>;
  /** How many rounds are under way at once. */
  readonly lanes: number;
  /** Between two rounds of a lane, in milliseconds: attackers share two cores with weir and its honest clients. */
  readonly pause: number;
}

export const attack = (run: Attack["run"], lanes = 1, pause = 250): Attack => ({ run, lanes, pause });

/** Attackers have an address of their own, as clients on other machines do. */
const attackerAddress = "127.0.0.2";

export const open = (port: number, isTls = false): Socket => {
  const options = { host: "127.0.0.1", port, localAddress: attackerAddress };
  const socket = isTls ? connectTls({ ...options, rejectUnauthorized: false }) : connect(options);
  return socket.on("error", () => undefined);
};

/** Writes a part, and waits while the other side does not read; false when the connection is over. */
export const send = (socket: Socket, part: string | Uint8Array): Promise<boolean> =>
  new Promise((resolve) => {
    if (socket.destroyed) return resolve(false);
    const closed = () => resolve(false);
    socket.once("close", closed);
    socket.write(part, (error) => {
      socket.off("close", closed);
      resolve(!error);
    });
  });

/**
 * What a connection came to: the status of the first answer, `closed` without one, or `waited` after `patience`
 * milliseconds, when this side closes it.
 */
export const outcome = (socket: Socket, patience: number): Promise<string> =>
  new Promise((resolve) => {
    let answer = "";
    const timer = setTimeout(() => end("waited"), patience);
    const end = (word: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? word);
    };
    socket.on("data", (data: Buffer) => {
      if (answer.length < 1000) answer += data.toString("latin1");
    });
    socket.once("close", () => end("closed"));
    if (socket.destroyed) end("closed");
  });

/** Sends bytes and resolves with what came of it. */
export const exchange = async (
  port: number,
  bytes: string | Uint8Array,
  { patience = 3_000, isTls = false }: { readonly patience?: number; readonly isTls?: boolean } = {},
): Promise<string> => {
  const socket = open(port, isTls);
  const ended = outcome(socket, patience);
  await send(socket, bytes);
  return ended;
};

/** A POST as bytes; its connection is closed after the answer. */
export const post = (body: Uint8Array, headers: Readonly<Record<string, string>> = {}, path = "/"): Buffer => {
  const all = { Host: "orchard", Connection: "close", "Content-Type": "application/json", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}Content-Length: ${body.length}\r\n\r\n`),
    body,
  ]);
};
