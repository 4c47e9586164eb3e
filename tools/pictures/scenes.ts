/** The four ways a product is shown. Light falls from the upper left in all of them; the ground is the product's own. */
import type { Placement } from './layers.ts';

export const SIDE = 1200;

export interface Look {
  readonly object: string;
  readonly colors: readonly string[];
  readonly ground: string;
  readonly props: readonly string[];
  /** Varies what need not be the same in every picture. */
  readonly seed: number;
}

export interface Scene {
  readonly background: string;
  readonly placements: readonly Placement[];
}

const mix = (hex: string, other: string, share: number): string => {
  const channel = (text: string, at: number): number => Number.parseInt(text.slice(1 + at * 2, 3 + at * 2), 16);
  const channels = [0, 1, 2].map((at) => Math.round(channel(hex, at) * (1 - share) + channel(other, at) * share));
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
};
const lighter = (hex: string, share: number): string => mix(hex, '#ffffff', share);
const deeper = (hex: string, share: number): string => mix(hex, '#3a2440', share);

const sheet = (
  ground: string,
  within: string,
): string => `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}" viewBox="0 0 ${SIDE} ${SIDE}">
<defs><radialGradient id="light" cx=".32" cy=".22" r=".95"><stop offset="0" stop-color="#fff" stop-opacity=".5"/><stop offset=".55" stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-color="#3a2440" stop-opacity=".16"/></radialGradient>
<linearGradient id="floor" x1="0" x2="0" y1="0" y2="1"><stop offset="0" stop-color="${deeper(ground, 0.07)}"/><stop offset=".35" stop-color="${lighter(ground, 0.12)}"/><stop offset="1" stop-color="${lighter(ground, 0.3)}"/></linearGradient>
<linearGradient id="body" x1="0" x2="1" y1="0" y2="0"><stop offset="0" stop-color="${lighter(ground, 0.55)}"/><stop offset=".5" stop-color="${lighter(ground, 0.25)}"/><stop offset="1" stop-color="${deeper(ground, 0.14)}"/></linearGradient></defs>
<rect width="${SIDE}" height="${SIDE}" fill="${ground}"/>${within}<rect width="${SIDE}" height="${SIDE}" fill="url(#light)"/></svg>`;

const floor = (y: number): string => `<rect y="${y}" width="${SIDE}" height="${SIDE - y}" fill="url(#floor)"/>`;
const drum = (ground: string, x: number, top: number, radius: number, height: number): string => {
  const squash = radius * 0.24;
  return `<path d="M${x - radius} ${top}v${height}a${radius} ${squash} 0 0 0 ${radius * 2} 0v${-height}z" fill="url(#body)"/><ellipse cx="${x}" cy="${top}" rx="${radius}" ry="${squash}" fill="${lighter(ground, 0.62)}"/>`;
};
const arch = (ground: string, left: number, right: number, top: number, foot: number): string => {
  const radius = (right - left) / 2;
  return `<path d="M${left} ${foot}V${top + radius}a${radius} ${radius} 0 0 1 ${radius * 2} 0V${foot}z" fill="${deeper(ground, 0.1)}"/><path d="M${left + 26} ${foot}V${top + radius + 8}a${radius - 26} ${radius - 26} 0 0 1 ${radius * 2 - 52} 0V${foot}z" fill="${deeper(ground, 0.17)}"/>`;
};

/** The product alone, whole, at rest. */
export function hero({ object, colors, ground, seed }: Look): Scene {
  const horizon = 820;
  const within = [
    floor(horizon),
    `<circle cx="600" cy="540" r="400" fill="${lighter(ground, 0.42)}"/>${floor(horizon)}`,
    `${arch(ground, 210, 990, 130, horizon)}${floor(horizon)}`,
    `${floor(760)}${drum(ground, 600, 930, 430, 400)}`,
  ][seed % 4] as string;
  const y = seed % 4 === 3 ? 985 : 1000;
  return {
    background: sheet(ground, within),
    placements: [{ object, color: colors[0], areaPx: 650, reachPx: 880, x: 600, y }],
  };
}

/** Near, from an angle, over the edge of the picture. */
export function close({ object, colors, ground, seed }: Look): Scene {
  const toRight = seed % 2 === 0;
  const tone = deeper(ground, 0.13);
  const slant = toRight ? `M0 1200V760L1200 300v900z` : `M0 1200V300l1200 460v440z`;
  return {
    background: sheet(tone, `<path d="${slant}" fill="${lighter(tone, 0.2)}"/>`),
    placements: [
      {
        object,
        color: colors[1] ?? colors[0],
        areaPx: 1020,
        reachPx: 1420,
        turn: toRight ? -14 : 12,
        x: toRight ? 690 : 520,
        y: 660,
        lying: true,
      },
    ],
  };
}

/** With two things it is used with. */
export function stillLife({ object, colors, ground, props, seed }: Look): Scene {
  const side = seed % 2 === 0 ? 1 : -1;
  const tone = lighter(ground, 0.3);
  const near = 600 - side * 180;
  const far = 600 + side * 345;
  const [first = '', second = ''] = props;
  return {
    background: sheet(
      tone,
      `${arch(tone, far - 210, far + 210, 180, 780)}${floor(780)}${drum(tone, far, 800, 200, 130)}`,
    ),
    placements: [
      { object: first, areaPx: 240, reachPx: 330, x: far, y: 826 },
      { object, color: colors[2] ?? colors[0], areaPx: 540, reachPx: 660, x: near, y: 1030 },
      { object: second, areaPx: 215, reachPx: 290, turn: side * -6, x: 600 + side * 370, y: 1125 },
    ],
  };
}

/** A pattern of all its colors, seen from above. */
export function pattern({ object, colors, ground, seed }: Look): Scene {
  const spots = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => ({ row, column })));
  return {
    background: sheet(seed % 2 === 0 ? lighter(ground, 0.35) : deeper(ground, 0.08), ''),
    placements: spots.map(({ row, column }) => ({
      object,
      color: colors[(row + column) % Math.max(1, colors.length)],
      areaPx: 265,
      reachPx: 330,
      turn: [-10, 8, -4][(row + column * 2) % 3] ?? 0,
      x: 210 + column * 390 + (row % 2 === 0 ? -20 : 20),
      y: 210 + row * 390,
      lying: true,
    })),
  };
}
