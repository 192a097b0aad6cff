import type { SequenceEvent } from "../sequence/matcher.ts";
import type { SequencePlan } from "../sequence/plan.ts";

/** An event of one key. */
export type Step = Pick<SequenceEvent<number>, "time" | "stages" | "isUntil">;

/**
 * The slow and plain way: stage by stage over the whole stream, as a batch of searches does it. A hit of a stage takes the
 * latest sequence before it, which leaves its list with all before it; missing events are looked for at the end.
 */
export const plainly = ({ missing, maxspan = Number.POSITIVE_INFINITY }: SequencePlan, all: readonly Step[]) => {
  const stages = missing.flatMap((isMissing, stage) => (isMissing ? [] : [stage]));
  const hits = (stage: number) => all.flatMap((step, index) => (step.stages.includes(stage) ? [index] : []));
  const untils = all.flatMap((step, index) => (step.isUntil ? [index] : []));
  const time = (index: number) => all[index]!.time;
  let lists = hits(stages[0]!).map((index) => [index]);
  for (const stage of stages.slice(1)) {
    const next: number[][] = [];
    for (const index of hits(stage)) {
      const position = lists.findLastIndex((list) => list.at(-1)! < index);
      if (position < 0) continue;
      const list = lists[position]!;
      lists = lists.slice(position + 1);
      if (time(index) - time(list[0]!) > maxspan) continue;
      if (untils.some((until) => until >= list.at(-1)! && until < index)) continue;
      next.push([...list, index]);
    }
    lists = next;
  }
  const times = (stage: number, test: (time: number) => boolean) => hits(stage).map(time).filter(test);
  const isFound = (list: readonly number[]) => {
    const at = list.map(time);
    const [start, end] = [at[0]!, at.at(-1)!];
    const leading = missing.flatMap((isMissing, stage) =>
      isMissing && stage < stages[0]! ? times(stage, (one) => one < start) : [],
    );
    const trailing = missing.flatMap((isMissing, stage) =>
      isMissing && stage > stages.at(-1)! ? times(stage, (one) => one > end) : [],
    );
    const between = missing.flatMap((isMissing, stage) => {
      const place = stages.findLastIndex((other) => other < stage);
      if (!isMissing || place < 0 || place === stages.length - 1) return [];
      return times(stage, (one) => one > at[place]! && one < at[place + 1]!);
    });
    if (between.length > 0) return false;
    const from = missing[0] ? Math.max(Number.NEGATIVE_INFINITY, ...leading) : start;
    const to = missing.at(-1) ? Math.min(Number.POSITIVE_INFINITY, ...trailing) : end;
    return !(missing[0] || missing.at(-1)) || to - from > maxspan;
  };
  return lists
    .filter(isFound)
    .map((list) => missing.map((isMissing, stage) => (isMissing ? undefined : list[stages.indexOf(stage)])));
};
