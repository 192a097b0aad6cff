import { accessSync, constants } from "node:fs";
import { createSecureContext } from "node:tls";
import { keepListeners, listenAhead } from "../http/listeners.ts";
import {
  type ClientTls,
  clientTlsOption,
  readClientTls,
  readServerTls,
  type ServerTls,
  serverTlsOption,
} from "../http/tls.ts";
import type { Source } from "../plugin.ts";
import type { Component } from "../topology/topology.ts";
import type { Compared } from "./difference.ts";

/**
 * Does what can fail when components start, before those that run are stopped: reads their files, and listens on their
 * addresses. Rejects with a sentence. The returned function closes what was not taken over.
 */
export const prepare = async (
  current: Compared,
  next: Compared,
  replaced: ReadonlySet<string>,
): Promise<() => void> => {
  checkSources(current, replaced);
  checkAddresses(next);
  const starting = next.topology.components.filter(({ id }) => replaced.has(id));
  for (const component of starting) checkFiles(component, next);
  const release = keepListeners();
  try {
    for (const { id } of starting)
      for (const address of next.parts.get(id)!.addresses.values()) await about(id, () => listenAhead(address));
    return release;
  } catch (error) {
    release();
    throw error;
  }
};

const about = async (id: string, work: () => unknown): Promise<void> => {
  try {
    await work();
  } catch (error) {
    throw new Error(`"${id}" ${(error as Error).message}`);
  }
};

/** What such a source has read and weir has not committed would be lost, and so would the rest of its input. */
const checkSources = ({ topology }: Compared, replaced: ReadonlySet<string>): void => {
  for (const { id, kind, plugin } of topology.components)
    if (kind === "source" && replaced.has(id) && isReadOnce(plugin as Source))
      throw new Error(
        `"${id}" (${plugin.name}) cannot read its input again, and would lose it; restart weir to change what is connected with it.`,
      );
};

const isReadOnce = ({ replays, reloads }: Source): boolean => replays === false && reloads !== true;

/** Two components cannot listen on one address. */
const checkAddresses = ({ parts }: Compared): void => {
  const owners = new Map<string, string>();
  for (const [id, { addresses }] of parts)
    for (const address of addresses.values()) {
      const owner = owners.get(address);
      if (owner !== undefined && !address.endsWith(":0"))
        throw new Error(
          `"${owner}" and "${id}" cannot both listen on "${address}"; choose another port for one of them.`,
        );
      owners.set(address, id);
    }
};

const checkFiles = ({ id, plugin, config }: Component, { parts }: Compared): void => {
  const { tls } = config as { readonly tls?: unknown };
  const option: unknown = plugin.options["tls"];
  try {
    for (const path of parts.get(id)!.files.values()) accessSync(path, constants.R_OK);
    if (tls && option === serverTlsOption) createSecureContext(readServerTls(tls as ServerTls));
    if (tls && option === clientTlsOption) createSecureContext(readClientTls(tls as ClientTls));
  } catch (error) {
    throw new Error(`"${id}" cannot use its files: ${(error as Error).message}`);
  }
};
