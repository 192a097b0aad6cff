/** Seconds in their two largest units: `3d 4h`, `12s`. */
export const ageText = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "m"],
    [whole % 60, "s"],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  return first < 0
    ? "0s"
    : parts
        .slice(first, first + 2)
        .map(([amount, unit]) => `${amount}${unit}`)
        .join(" ");
};
