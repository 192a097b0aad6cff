/** The largest number of 16 bits. */
const largest = 65_504;

/** The nearest number of 16 bits, which has 11 significant bits; infinite beyond their range. */
export const halfFloatOf = (value: number): number => {
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(value)) return value;
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const unit = 2 ** (exponent - 10);
  const rounded = toEven(size / unit) * unit;
  return Math.sign(value) * (rounded > largest ? Number.POSITIVE_INFINITY : rounded);
};

const toEven = (value: number): number => {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
};

/** What Elastic's packages multiply a `scaled_float` with, before they round it. */
const factor = 1_000;

/** A number in the precision of a `scaled_float`: three digits after the point. */
export const scaledOf = (value: number): number => Math.round(value * factor) / factor;
