import { origins, type Received, type Sent } from "./books.ts";
import { type Course, courseOf, type Sample } from "./samples.ts";

export interface SoakResults {
  readonly minutes: number;
  readonly kills: number;
  readonly stops: number;
  readonly outages: number;
  readonly rotations: number;
  readonly sent: Readonly<Record<(typeof origins)[number], Sent>>;
  readonly received: Readonly<Record<string, Received>>;
  /** Of the last life, which is not interrupted. */
  readonly samples: readonly Sample[];
  readonly problems: readonly string[];
}

const heading = "## Soak";
const count = (value: number): string => Math.round(value).toLocaleString("en-US");
const megabytes = (value: number): string => (value / 1e6).toFixed(1);

const row = (name: string, { start, middle, end, slope }: Course, text: (value: number) => string): string =>
  `| ${name} | ${text(start)} | ${text(middle)} | ${text(end)} | ${text(slope)} |`;

/** The section of docs/benchmarks.md about a soak. */
export const soakSection = (results: SoakResults): string => {
  const { minutes, kills, stops, outages, rotations, sent, received, samples, problems } = results;
  const lasted = (samples.at(-1)!.at - samples[0]!.at) / 60;
  const events = origins.reduce((total, from) => total + sent[from].acknowledged.filter(Boolean).length, 0);
  const repeats = Object.entries(received).map(([name, got]) => {
    const twice = origins.reduce((total, from) => total + got.countsOf(from).repeats, 0);
    return `${count(twice)} to \`${name}\``;
  });
  const verdict =
    problems.length === 0
      ? "Every acknowledged event arrived at all three receivers, nothing else did, and the counters of weir agree."
      : `**The books do not agree:**\n\n${problems.map((problem) => `- ${problem}`).join("\n")}`;
  return `${heading}

Written by \`npm run soak\` (${minutes} minutes, ${new Date().toISOString().slice(0, 10)}). A rotated log, HTTP and WebSocket
clients send to a weir that delivers everything to a file, an HTTP and a WebSocket receiver. It was killed ${kills} times and
stopped ${stops} times; then it ran for ${lasted.toFixed(1)} minutes. The receivers failed ${outages} times, and the log was rotated ${rotations} times.

${count(events)} events were acknowledged. ${verdict}
Delivered more than once, after kills: ${repeats.join(", ")}.

| the last run | start | middle | end | slope per minute |
| --- | --- | --- | --- | --- |
${row(
  "resident memory, MB",
  courseOf(samples, (one) => one.resident),
  megabytes,
)}
${row(
  "open descriptors",
  courseOf(samples, (one) => one.descriptors),
  (value) => value.toFixed(1),
)}
${row(
  "data dir, MB",
  courseOf(samples, (one) => one.disk),
  megabytes,
)}

Start, middle and end are medians of a fifth of the run; the slope is that of the second half.
`;
};

/** The page with another section about the soak, which comes last. */
export const withSoak = (page: string, section: string): string => {
  const at = page.indexOf(`\n${heading}\n`);
  return `${(at < 0 ? page : page.slice(0, at)).trimEnd()}\n${section === "" ? "" : `\n${section}`}`;
};
