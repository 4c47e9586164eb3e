/**
 * Gives a rendered object another color. Only what has the object's main hue changes, so that laces, buttons and blades keep theirs;
 * light and shade stay as drawn. The arithmetic is OKLab's, where equal steps look equal.
 */
const HUE_BINS = 36;
const COLORLESS = 0.025;

type Lab = readonly [lightness: number, a: number, b: number];

const toLinear = (byte: number): number => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => toLinear(byte));
const toByte = (linear: number): number => {
  const value = linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(Math.min(1, Math.max(0, value)) * 255);
};

function toLab(red: number, green: number, blue: number): Lab {
  const [r, g, b] = [LINEAR[red] ?? 0, LINEAR[green] ?? 0, LINEAR[blue] ?? 0];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function toBytes([lightness, a, b]: Lab): [number, number, number] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    toByte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    toByte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    toByte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

const hueOf = ([, a, b]: Lab): number => ((Math.atan2(b, a) / (2 * Math.PI)) * HUE_BINS + HUE_BINS) % HUE_BINS;
const apart = (one: number, other: number): number => {
  const distance = Math.abs(one - other) % HUE_BINS;
  return Math.min(distance, HUE_BINS - distance);
};

function parseColor(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** The hue that most of the object's surface has, weighed by how colorful it is. */
function mainHue(labs: readonly Lab[]): number {
  const weights = new Float64Array(HUE_BINS);
  for (const lab of labs) {
    const chroma = Math.hypot(lab[1], lab[2]);
    if (chroma < COLORLESS) continue;
    const bin = Math.floor(hueOf(lab));
    for (const near of [-1, 0, 1]) {
      const index = (bin + near + HUE_BINS) % HUE_BINS;
      weights[index] = (weights[index] ?? 0) + Math.sqrt(chroma);
    }
  }
  return weights.indexOf(Math.max(...weights)) + 0.5;
}

/** Recolors RGBA pixels in place: those with the hue of `surface`, or with the main one. */
export function tint(pixels: Buffer, hex: string, surface: string | null): void {
  const labs: Lab[] = [];
  for (let at = 0; at < pixels.length; at += 64) {
    if ((pixels[at + 3] ?? 0) > 200) labs.push(toLab(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0));
  }
  const hue = surface === null ? mainHue(labs) : hueOf(toLab(...parseColor(surface)));
  const belongs = (lab: Lab): number => {
    const colorful = Math.min(1, Math.hypot(lab[1], lab[2]) / COLORLESS);
    return colorful * Math.min(1, Math.max(0, (5.2 - apart(hueOf(lab), hue)) / 1.6));
  };
  const own = labs.filter((lab) => belongs(lab) > 0.5);
  const meanOf = (pick: (lab: Lab) => number): number => own.reduce((sum, lab) => sum + pick(lab), 0) / own.length;
  const meanLightness = meanOf(([lightness]) => lightness);
  const meanChroma = meanOf(([, a, b]) => Math.hypot(a, b));
  const target = toLab(...parseColor(hex));

  for (let at = 0; at < pixels.length; at += 4) {
    if ((pixels[at + 3] ?? 0) === 0) continue;
    const lab = toLab(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
    const share = belongs(lab);
    if (share === 0) continue;
    const strength = Math.min(1.35, Math.max(0.6, Math.hypot(lab[1], lab[2]) / meanChroma));
    const lightness = Math.min(0.985, Math.max(0.08, target[0] + (lab[0] - meanLightness) * 0.85));
    const wanted: Lab = [lightness, target[1] * strength, target[2] * strength];
    const mixed = toBytes(
      [0, 1, 2].map((index) => (lab[index] ?? 0) * (1 - share) + (wanted[index] ?? 0) * share) as unknown as Lab,
    );
    pixels.set(mixed, at);
  }
}
