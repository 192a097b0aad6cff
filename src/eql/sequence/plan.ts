/** The shape of a sequence: what its state machine needs to know. */
export interface SequencePlan {
  /** For each stage, whether its event must be missing. At least one must not. */
  readonly missing: readonly boolean[];
  /** In milliseconds; needed if an event must be missing. */
  readonly maxspan: number | undefined;
}

/** What follows from a plan. */
export interface Stages {
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly isMissing: (stage: number) => boolean;
  /** The stage before, or after, of those whose event must not be missing; -1 if there is none. */
  readonly previous: readonly number[];
  /** The stages of missing events between a stage and the one before it. */
  readonly between: readonly (readonly number[])[];
  readonly leading: readonly number[];
  readonly trailing: readonly number[];
}

export const stagesOf = ({ missing }: SequencePlan): Stages => {
  const all = missing.map((_, stage) => stage);
  const wanted = all.filter((stage) => !missing[stage]);
  const [first, last] = [wanted[0]!, wanted.at(-1)!];
  const previous = all.map((stage) => wanted.findLast((other) => other < stage) ?? -1);
  return {
    count: missing.length,
    first,
    last,
    isMissing: (stage) => missing[stage]!,
    previous,
    between: all.map((stage) =>
      missing[stage] || previous[stage]! < 0
        ? []
        : all.filter((other) => missing[other] && other > previous[stage]! && other < stage),
    ),
    leading: all.filter((stage) => stage < first),
    trailing: all.filter((stage) => stage > last),
  };
};
