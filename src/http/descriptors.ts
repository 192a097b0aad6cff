import { descriptorLimit } from "../descriptor-limit.ts";

/** All servers of this process. */
const servers = new Set<object>();

/** Counts a server, and forgets it. */
export const addServer = (server: object): void => void servers.add(server);
export const removeServer = (server: object): void => void servers.delete(server);

/** The servers share a quarter of the descriptors equally, so that the rest suffices for files, sinks and the database. */
export const connectionsOfOne = (): number =>
  Math.max(4, Math.floor(descriptorLimit() / 4 / Math.max(1, servers.size)));
