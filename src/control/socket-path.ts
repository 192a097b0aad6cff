import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const socketName = "control.sock";
/** A file with the path of the socket, if that cannot be in the data dir. */
const pathName = "control.path";
/** `sun_path` has 108 bytes on Linux and 104 elsewhere, with the zero at the end. */
const longestPath = 103;

/** The path of the socket: in the data dir or, if that path is too long for a socket, as a file there says. */
export const findSocket = (dataDir: string): string => {
  const path = resolve(dataDir, socketName);
  if (Buffer.byteLength(path) <= longestPath) return path;
  try {
    return readFileSync(join(dataDir, pathName), "utf8").trim();
  } catch {
    return path;
  }
};

/** A free path to listen on; what an earlier run left there is removed. Call it only with the data dir locked. */
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

/** Removes the socket of a listener that is closed, or of a run that was killed. */
export const forgetSocket = (dataDir: string): void => {
  const path = findSocket(dataDir);
  rmSync(path, { force: true });
  if (path === resolve(dataDir, socketName)) return;
  // The folder was made for the socket only; with anything else in it, it is not ours to remove.
  try {
    rmdirSync(dirname(path));
  } catch {}
  rmSync(join(dataDir, pathName), { force: true });
};
