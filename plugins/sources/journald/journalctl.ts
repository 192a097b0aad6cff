import type { CommandConfig } from "weir/command";

export interface JournalConfig {
  readonly journalctl: string;
  readonly units: readonly string[];
  readonly identifiers: readonly string[];
  readonly matches: readonly string[];
  readonly priority?: string;
  readonly directory?: string;
  readonly namespace?: string;
  readonly current_boot: boolean;
  readonly read_from: "beginning" | "end";
  readonly follow: boolean;
  readonly backoff: { readonly initial: number; readonly max: number };
}

/** The command that prints the entries after a cursor, or from the start. */
export const journalctl = (config: JournalConfig, cursor: string | undefined): CommandConfig => ({
  command: [
    config.journalctl,
    "--output=json",
    // Otherwise values of more than 4 KiB are left out.
    "--all",
    "--no-pager",
    "--quiet",
    ...(config.follow ? ["--follow"] : []),
    ...(cursor !== undefined ? [`--after-cursor=${cursor}`, "--lines=all"] : startOf(config)),
    ...(config.current_boot ? ["--boot"] : []),
    ...(config.directory === undefined ? [] : [`--directory=${config.directory}`]),
    ...(config.namespace === undefined ? [] : [`--namespace=${config.namespace}`]),
    ...(config.priority === undefined ? [] : [`--priority=${config.priority}`]),
    ...config.units.map((unit) => `--unit=${unit}`),
    ...config.identifiers.map((identifier) => `--identifier=${identifier}`),
    "--",
    ...config.matches,
  ],
  // Of the locale, only the encoding matters.
  environment: { LC_ALL: "C.UTF-8" },
});

const startOf = ({ read_from }: JournalConfig): readonly string[] =>
  read_from === "end" ? ["--lines=0"] : ["--lines=all"];
