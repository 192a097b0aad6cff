import { printConfig } from "../config/print.ts";
import { counted } from "../text.ts";
import { writtenIn } from "../topology/topology.ts";
import { type LoadedFile, loadPipelineFile } from "./load-file.ts";
import { reportProblems } from "./report-problems.ts";
import { exit, type Terminal } from "./terminal.ts";

export interface ValidateOptions {
  readonly json?: boolean;
  readonly print?: boolean;
}

/** Checks pipeline files, with the same code as `run`. */
export const validate = async (
  files: readonly string[],
  { json = false, print = false }: ValidateOptions,
  terminal: Terminal,
): Promise<number> => {
  const checked: { readonly file: string; readonly loaded: LoadedFile }[] = [];
  for (const file of files) checked.push({ file, loaded: await loadPipelineFile(file) });
  if (json) terminal.out(`${JSON.stringify(checked.map(asJson), undefined, 2)}\n`);
  else for (const { file, loaded } of checked) report(file, loaded, print, terminal);
  return checked.every(({ loaded }) => loaded.ok) ? exit.success : exit.config;
};

const report = (file: string, loaded: LoadedFile, print: boolean, terminal: Terminal): void => {
  reportProblems(loaded, terminal);
  if (!loaded.ok) return;
  if (print) terminal.out(printConfig(loaded.value));
  else terminal.out(`${file}: no errors · ${counted(writtenIn(loaded.value.topology).length, "component")}\n`);
};

const asJson = ({ file, loaded }: { readonly file: string; readonly loaded: LoadedFile }) => ({
  file,
  ok: loaded.ok,
  ...(loaded.ok && {
    components: writtenIn(loaded.value.topology).map(({ id, kind, plugin, inputs }) => ({
      id,
      kind,
      type: plugin.name,
      inputs,
    })),
  }),
  problems: loaded.ok ? loaded.warnings : loaded.problems,
});
