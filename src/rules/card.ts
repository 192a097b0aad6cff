import { type Rule, type Threat, timedSteps } from "../detection/rule.ts";
import { languageOf, typeOfRule } from "../detection/rule-types.ts";
import { counted } from "../text.ts";

export interface CardOptions {
  /** Use the colours of a terminal. */
  readonly color: boolean;
  /** The width at which prose is wrapped, in columns. */
  readonly width: number;
  /** What weir does not honour of a rule of Elastic, a sentence for each field. */
  readonly notHonoured?: readonly string[];
}

/** A rule as a page for people: what it looks for, how it works, and what its alerts mean. */
export const ruleCard = (rule: Rule, { color, width, notHonoured = [] }: CardOptions): string => {
  const style = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const body = Math.max(20, width - indent.length);
  const prose = (text: string) => paragraphs(text).flatMap((paragraph) => wrap(paragraph, body));
  const list = (items: readonly string[]) =>
    items.flatMap((item) => wrap(item, body - 2).map((line, index) => `${index === 0 ? "- " : "  "}${line}`));
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", style(bold, title), ...lines.map((line) => (line === "" ? "" : indent + line))];
  const type = typeOfRule(rule);
  const part = type.card?.(rule);

  return [
    style(bold, rule.title),
    style(dim, `${rule.name} · version ${rule.version} · ${rule.created}`),
    [
      `${style(severityColors[rule.severity], rule.severity)} severity`,
      `risk score ${rule.risk_score}`,
      ...[rule.categories.join(", "), rule.data_source].filter((text) => text !== ""),
    ].join(" · "),
    ...section("What it looks for", prose(rule.description)),
    ...section(`Query (${languageOf(type).title})`, rule.query.trimEnd().split("\n")),
    ...(part ? section(part.title, prose(part.text)) : []),
    ...section("Not as in Elastic", list(notHonoured)),
    ...section("MITRE ATT&CK", rule.threat.flatMap(threatLines)),
    ...section("Profiles", list(profileLines(rule))),
    ...section("Known false positives", list(rule.false_positives)),
    ...section("Tuning and triage", prose(rule.note)),
    ...section("References", list(rule.references)),
    ...section("Origin", originLines(rule)),
    ...section("Tests", testLines(rule)),
    "",
  ].join("\n");
};

const indent = "  ";
const bold = 1;
const dim = 2;
const severityColors = { low: 36, medium: 33, high: 31, critical: 35 } as const;

const threatLines = ({ tactic, techniques }: Threat): readonly string[] => [
  `${tactic.id} ${tactic.name}`,
  ...techniques.flatMap((technique) => [
    `  ${technique.id} ${technique.name}`,
    ...(technique.subtechniques ?? []).map((part) => `    ${part.id} ${part.name}`),
  ]),
];

const profileLines = ({ profiles = {} }: Rule): readonly string[] =>
  Object.entries(profiles).map(([name, { changes }]) => `${name}: ${changes}`);

const originLines = ({ origin, license, author, id }: Rule): readonly string[] => [
  ...(origin ? [`Based on ${origin.url} (${origin.license})`] : []),
  ...(author.length > 0 ? [`By ${author.join(", ")}${license === "" ? "" : ` (${license})`}`] : []),
  `Id ${id}`,
];

const testLines = ({ tests }: Rule): readonly string[] => {
  const events = timedSteps({ tests }).filter(({ step }) => step.event).length;
  if (tests.length === 0) return [];
  return [`${counted(tests.length, "timeline")} with ${counted(events, "event")}; \`weir rules test\` runs them`];
};

/** Blocks of text between empty lines; a list item or a heading starts a new block. */
const paragraphs = (text: string): readonly string[] =>
  text
    .trim()
    .split(/\n(?=\n|[-*#] )/)
    .map((block) => block.replace(/^\n+/, "\n"));

const wrap = (text: string, width: number): readonly string[] => {
  const lines: string[] = text.startsWith("\n") ? [""] : [];
  let line = "";
  for (const word of text.split(/\s+/).filter((word) => word !== "")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
};
