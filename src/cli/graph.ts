import { withoutLearning } from "../baseline/components.ts";
import { foretoldBy } from "../config/builds.ts";
import { plansOf, type SourcePlan } from "../runtime/flow/passing/plans.ts";
import { toMermaid } from "../topology/mermaid.ts";
import { loadPipelineFile } from "./load-file.ts";
import { reportProblems } from "./report-problems.ts";
import { exit, type Terminal } from "./terminal.ts";

/** Prints a pipeline as a Mermaid flowchart, or how its sources will read. */
export const graph = async (
  file: string,
  { plan = false }: { readonly plan?: boolean },
  terminal: Terminal,
): Promise<number> => {
  const loaded = await loadPipelineFile(file);
  reportProblems(loaded, terminal);
  if (!loaded.ok) return exit.config;
  const { topology } = loaded.value;
  if (plan) terminal.out(plansOf(topology, foretoldBy(topology)).map(planText).join("\n"));
  else terminal.out(toMermaid(withoutLearning(topology)));
  return exit.success;
};

const planText = ({ source: { id, plugin }, planned }: SourcePlan): string => {
  const title = `${id} (${plugin.name})`;
  if (!("plan" in planned))
    return [
      `${title}: every record becomes an event`,
      ...planned.map((taker) => `  ${taker.id}: ${taker.why}`),
      "",
    ].join("\n");
  const { plan, paths, unseen } = planned;
  return [
    `${title}: ${wantedText(plan.alternatives)}`,
    plan.hasPrefixes
      ? "  read from the bytes of records, also of those in lines of a container runtime:"
      : "  read from the bytes of records:",
    ...paths.map((path) => `    ${path.join(".")}`),
    ...(unseen.length > 0 ? ["  read from events only:", ...unseen.map((path) => `    ${path}`)] : []),
    "",
  ].join("\n");
};

const wantedText = (conditions: number): string => {
  if (conditions === 0) return "no record becomes an event, because none can meet a condition";
  return `a record becomes an event if it may meet ${conditions === 1 ? "the only condition" : `one of ${conditions} conditions`}`;
};
