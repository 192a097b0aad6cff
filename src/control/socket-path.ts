import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const socketName = "control.sock";
/** Says where the socket is, when it cannot be in the data dir. */
const pathName = "control.path";
/** `sun_path` has 108 bytes on Linux and 104 elsewhere, the zero at the end among them. */
const longestPath = 103;

/** Where a running weir is spoken to: in its data dir or, when that path is too long for a socket, where a file there says. */
export const findSocket = (dataDir: string): string => {
  const path = resolve(dataDir, socketName);
  if (Buffer.byteLength(path) <= longestPath) return path;
  try {
    return readFileSync(join(dataDir, pathName), "utf8").trim();
  } catch {
    return path;
  }
};

/** A path to listen on, with nothing left there of an earlier run; only for who holds the lock of the data dir. */
export const prepareSocket = (dataDir: string): string => {
  const path = resolve(dataDir, socketName);
  if (Buffer.byteLength(path) <= longestPath) {
    rmSync(path, { force: true });
    return path;
  }
  forgetSocket(dataDir);
  const elsewhere = join(mkdtempSync(join(tmpdir(), "weir-")), socketName);
  writeFileSync(join(dataDir, pathName), `${elsewhere}\n`, { mode: 0o600 });
  return elsewhere;
};

/** Removes the socket, or where it was: the listener is closed, or long dead. */
export const forgetSocket = (dataDir: string): void => {
  const path = findSocket(dataDir);
  rmSync(path, { force: true });
  if (path === resolve(dataDir, socketName)) return;
  // The folder was made for the socket alone; one that holds anything else is not ours to remove.
  try {
    rmdirSync(dirname(path));
  } catch {}
  rmSync(join(dataDir, pathName), { force: true });
};
