import { differenceText } from "../reload/difference-text.ts";
import { askControl } from "./ask-control.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface ReloadOptions {
  readonly dataDir: string;
  readonly json?: boolean;
}

/** Makes the weir that runs on the data dir read its pipeline file again, and prints how it went. */
export const reload = ({ dataDir, json = false }: ReloadOptions, terminal: Terminal): Promise<number> =>
  askControl(dataDir, terminal, async (control) => {
    const reloaded = await control.reload();
    const { outcome, text, difference } = reloaded;
    if (json) terminal.out(`${JSON.stringify(reloaded)}\n`);
    else if (outcome === "applied") terminal.out(difference ? differenceText(difference) : `${text}\n`);
    else if (outcome === "unchanged") terminal.out(`${text}\n`);
    else terminal.error(`${text}\n`);
    if (outcome === "invalid") return exit.config;
    return outcome === "failed" ? exit.failed : exit.success;
  });
