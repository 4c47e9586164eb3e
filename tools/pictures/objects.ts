/** The objects that stand in the pictures: drawings of the set, and ours where the set has none. Both are vectors, so they are sharp at any size. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setPath } from './sharp.ts';

const OWN = join(import.meta.dirname, 'objects');
const EMBLEM = /<!-- emblem (\d+) (\d+) (\d+) -->/;

/**
 * `chair` of the set, `own:kettle`, or packaging that shows an object: `own:jar:lemon`. A color follows a `#`. Before it, `@` and a
 * color that the part to be colored has in the drawing: without, it is the part with the main hue.
 */
export interface ObjectName {
  readonly drawing: string;
  readonly emblem: string | null;
  readonly isOwn: boolean;
  readonly surface: string | null;
  readonly color: string | null;
}

export function parseObject(text: string): ObjectName {
  const [place = '', color] = text.split('#');
  const [name = '', surface] = place.split('@');
  const isOwn = name.startsWith('own:');
  const [drawing = '', emblem] = isOwn ? name.slice(4).split(':') : [name];
  return {
    drawing,
    emblem: emblem ?? null,
    isOwn,
    surface: surface === undefined ? null : `#${surface}`,
    color: color === undefined ? null : `#${color}`,
  };
}

interface IconSet {
  readonly icons: Readonly<Record<string, { readonly body: string }>>;
}

export function openObjects(): { svgOf(object: ObjectName, sizePx: number): Buffer } {
  const set = JSON.parse(readFileSync(setPath(), 'utf8')) as IconSet;
  const bodyOf = (name: string): string => {
    const icon = set.icons[name];
    if (icon === undefined)
      throw new Error(`The set has no drawing "${name}": name another, or draw objects/${name}.svg`);
    return icon.body;
  };
  const sized = (svg: string, sizePx: number): string =>
    svg.replace('<svg ', `<svg width="${sizePx}" height="${sizePx}" `);

  return {
    svgOf(object, sizePx) {
      if (!object.isOwn) {
        return Buffer.from(
          `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${sizePx}" height="${sizePx}" viewBox="0 0 32 32">${bodyOf(object.drawing)}</svg>`,
        );
      }
      const svg = readFileSync(join(OWN, `${object.drawing}.svg`), 'utf8')
        .replace('color="#888888"', `color="${object.color ?? '#888888'}"`)
        .replace(EMBLEM, (_, x: string, y: string, size: string) =>
          object.emblem === null
            ? ''
            : `<svg x="${x}" y="${y}" width="${size}" height="${size}" viewBox="0 0 32 32">${bodyOf(object.emblem)}</svg>`,
        )
        .replace('<svg ', '<svg xmlns:xlink="http://www.w3.org/1999/xlink" ');
      return Buffer.from(sized(svg, sizePx));
    },
  };
}
