import type { MetricFamily } from "../telemetry/metric-family.ts";

/**
 * A metric in the text format of Prometheus, version 0.0.4:
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export const familyText = (family: MetricFamily): string => {
  const { name, help, type } = family;
  const escaped = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  const lines =
    family.type === "histogram"
      ? family.samples.flatMap((sample) => histogramLines(name, family.bounds, sample))
      : family.samples.map(({ labels, value }) => line(name, labels, value));
  const helpLine = help === "" ? "" : `# HELP ${name} ${escaped}\n`;
  return `${helpLine}# TYPE ${name} ${type}\n${lines.join("")}`;
};

type Histogram = Extract<MetricFamily, { readonly type: "histogram" }>;

const histogramLines = (
  name: string,
  bounds: Histogram["bounds"],
  { labels, counts, sum }: Histogram["samples"][number],
): readonly string[] => {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    return line(`${name}_bucket`, { ...labels, le: numberText(bounds[index] ?? Number.POSITIVE_INFINITY) }, total);
  });
  return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, total)];
};

const line = (name: string, labels: Readonly<Record<string, string>>, value: number): string => {
  const pairs = Object.entries(labels).filter(([, text]) => text !== "");
  const inner = pairs.map(([label, text]) => `${label}="${escapedValue(text)}"`).join(",");
  return `${name}${inner === "" ? "" : `{${inner}}`} ${numberText(value)}\n`;
};

const escapedValue = (text: string): string =>
  text.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

const numberText = (value: number): string => {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
};
