/**
 * Composes the catalogue's pictures from the art direction: `npm run pictures`. What it makes is committed, so only who changes the
 * direction runs it; it says what to install when that is missing.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../repo/paths.ts';
import { type Layers, openLayers } from './layers.ts';
import { close, hero, type Look, pattern, type Scene, SIDE, stillLife } from './scenes.ts';

const PICTURES = join(ROOT, 'seed', 'pictures');
const QUALITY = { full: 80, w640: 76, w320: 76 } as const;
const EFFORT = 4;

interface Direction {
  readonly grounds: Readonly<Record<string, string>>;
  readonly colors: Readonly<Record<string, string>>;
  readonly products: Readonly<
    Record<
      string,
      {
        readonly object: string;
        readonly ground: string;
        readonly props: readonly string[];
        readonly colors?: readonly string[];
        readonly pattern?: true;
      }
    >
  >;
}

const valueIn = (table: Readonly<Record<string, string>>, name: string): string => {
  const value = table[name];
  if (value === undefined) throw new Error(`art-direction.json does not say what color "${name}" is`);
  return value;
};

async function write(layers: Layers, folder: string, index: number, scene: Scene): Promise<void> {
  const background = await layers.rasterize(scene.background);
  const placed = await Promise.all(scene.placements.map((placement) => layers.place(placement)));
  const full = await layers.flatten(background, placed.flat(), SIDE);
  const name = join(folder, `${index}-${SIDE}x${SIDE}`);
  const save = async (path: string, width: number, quality: number): Promise<void> =>
    writeFile(path, await layers.sharp(full).resize(width).webp({ quality, effort: EFFORT }).toBuffer());
  await save(`${name}.webp`, SIDE, QUALITY.full);
  await save(`${name}.w640.webp`, 640, QUALITY.w640);
  await save(`${name}.w320.webp`, 320, QUALITY.w320);
}

/** All of the art direction's products, or those named. */
export async function composePictures(wanted: readonly string[]): Promise<void> {
  const direction = JSON.parse(await readFile(join(import.meta.dirname, 'art-direction.json'), 'utf8')) as Direction;
  const layers = openLayers();
  for (const [seed, [slug, product]] of Object.entries(direction.products).entries()) {
    if (wanted.length > 0 && !wanted.includes(slug)) continue;
    const look: Look = {
      object: product.object,
      colors: (product.colors ?? []).map((name) => valueIn(direction.colors, name)),
      ground: valueIn(direction.grounds, product.ground),
      props: product.props,
      seed,
    };
    const scenes = [hero(look), close(look), stillLife(look), ...(product.pattern === true ? [pattern(look)] : [])];
    const folder = join(PICTURES, slug);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    for (const [index, scene] of scenes.entries()) await write(layers, folder, index + 1, scene);
    process.stdout.write(`${slug}: ${scenes.length} pictures\n`);
  }
}
