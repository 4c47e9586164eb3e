/** Objects as layers: rendered, recolored, turned, cut to what is visible, and the shadows they throw. */
import { type ObjectName, openObjects, parseObject } from './objects.ts';
import { loadSharp, type Overlay, type Sharp } from './sharp.ts';
import { tint } from './tint.ts';

export const CLEAR = '#00000000';
const MEASURED_PX = 192;
/** These only pass between two steps. */
const FAST = { compressionLevel: 0 };
const SHADOW_INK = [52, 34, 48] as const;

export interface Layer {
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface Placement {
  readonly object: string;
  readonly color?: string | undefined;
  /** How much of it is seen: the side of a square as large as the rectangle around it. */
  readonly areaPx: number;
  /** Its longer side is never beyond this. */
  readonly reachPx: number;
  readonly turn?: number;
  /** Its middle. */
  readonly x: number;
  /** Where it stands: the lower edge of what is visible; with `lying`, the middle. */
  readonly y: number;
  readonly lying?: boolean;
}

/** The object's outline in ink, softened: `opacity` at its darkest. */
async function shadowOf(
  sharp: Sharp,
  layer: Layer,
  size: { width: number; height: number },
  softness: number,
  opacity: number,
) {
  const margin = Math.ceil(softness * 3);
  const { data, info } = await sharp(layer.png)
    .resize(size.width, size.height, { fit: 'fill' })
    .extend({ top: margin, bottom: margin, left: margin, right: margin, background: CLEAR })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let at = 0; at < data.length; at += 4) {
    data.set(SHADOW_INK, at);
    data[at + 3] = Math.round((data[at + 3] ?? 0) * opacity);
  }
  const { width, height, channels } = info;
  const png = await sharp(data, { raw: { width, height, channels } }).blur(softness).png(FAST).toBuffer();
  return { png, width, height, margin };
}

/** Overlays may hang over the edge: sharp wants them cut. */
async function flatten(
  sharp: Sharp,
  background: Buffer,
  overlays: readonly Overlay[],
  sidePx: number,
): Promise<Buffer> {
  const inside = await Promise.all(
    overlays.map(async ({ input, left, top }): Promise<Overlay> => {
      const { info } = await sharp(input).raw().toBuffer({ resolveWithObject: true });
      const area = {
        left: Math.max(0, -left),
        top: Math.max(0, -top),
        width: Math.min(sidePx, left + info.width) - Math.max(0, left),
        height: Math.min(sidePx, top + info.height) - Math.max(0, top),
      };
      return {
        input: await sharp(input).extract(area).png(FAST).toBuffer(),
        left: Math.max(0, left),
        top: Math.max(0, top),
      };
    }),
  );
  return sharp(background).composite(inside).png(FAST).toBuffer();
}

/** Renders objects; the same one in the same size is rendered once. */
function openRenderer(sharp: Sharp) {
  const objects = openObjects();
  const made = new Map<string, Promise<Layer>>();

  /** The drawing's square at which what is visible of it has the size wanted. */
  async function squareFor(object: ObjectName, turn: number, areaPx: number, reachPx: number): Promise<number> {
    const turned = await sharp(objects.svgOf(object, MEASURED_PX))
      .rotate(turn, { background: CLEAR })
      .png(FAST)
      .toBuffer();
    const { info } = await sharp(turned).trim({ threshold: 1 }).png(FAST).toBuffer({ resolveWithObject: true });
    const scale = Math.min(areaPx / Math.sqrt(info.width * info.height), reachPx / Math.max(info.width, info.height));
    return Math.round(MEASURED_PX * scale);
  }

  async function render(object: ObjectName, { areaPx, reachPx, turn = 0 }: Placement): Promise<Layer> {
    const sizePx = await squareFor(object, turn, areaPx, reachPx);
    const drawn = await sharp(objects.svgOf(object, sizePx)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    if (!object.isOwn && object.color !== null) tint(drawn.data, object.color, object.surface);
    const { width, height, channels } = drawn.info;
    const turned = await sharp(drawn.data, { raw: { width, height, channels } })
      .rotate(turn, { background: CLEAR })
      .png(FAST)
      .toBuffer();
    const cut = await sharp(turned).trim({ threshold: 1 }).png(FAST).toBuffer({ resolveWithObject: true });
    return { png: cut.data, width: cut.info.width, height: cut.info.height };
  }

  function layerOf(placement: Placement): Promise<Layer> {
    const { object, color, areaPx, reachPx, turn } = placement;
    const key = [object, color, areaPx, reachPx, turn].join(' ');
    const parsed = parseObject(object);
    const layer = made.get(key) ?? render({ ...parsed, color: color ?? parsed.color }, placement);
    if (made.size > 200) made.clear();
    made.set(key, layer);
    return layer;
  }

  return layerOf;
}

export function openLayers() {
  const sharp = loadSharp();
  const layerOf = openRenderer(sharp);

  /** Standing, it throws a long shadow over the ground; lying, a short one around itself. */
  async function place(placement: Placement): Promise<Overlay[]> {
    const layer = await layerOf(placement);
    const left = Math.round(placement.x - layer.width / 2);
    if (placement.lying) {
      const top = Math.round(placement.y - layer.height / 2);
      const shadow = await shadowOf(sharp, layer, layer, Math.max(6, layer.width / 32), 0.34);
      const shift = layer.width / 24;
      return [
        {
          input: shadow.png,
          left: Math.round(left - shadow.margin + shift),
          top: Math.round(top - shadow.margin + shift * 1.3),
        },
        { input: layer.png, left, top },
      ];
    }
    const top = Math.round(placement.y - layer.height);
    const flat = Math.max(24, Math.round(layer.height * 0.17));
    const long = await shadowOf(
      sharp,
      layer,
      { width: Math.round(layer.width * 1.04), height: flat },
      layer.width / 26,
      0.36,
    );
    const touch = await shadowOf(
      sharp,
      layer,
      { width: Math.round(layer.width * 0.86), height: Math.round(flat * 0.36) },
      layer.width / 48,
      0.42,
    );
    return [
      {
        input: long.png,
        left: Math.round(left - long.margin + layer.width * 0.07),
        top: Math.round(placement.y - flat * 0.72 - long.margin),
      },
      {
        input: touch.png,
        left: Math.round(left + layer.width * 0.07 - touch.margin),
        top: Math.round(placement.y - flat * 0.24 - touch.margin),
      },
      { input: layer.png, left, top },
    ];
  }

  const rasterize = (svg: string): Promise<Buffer> => sharp(Buffer.from(svg)).png(FAST).toBuffer();
  const flat = (background: Buffer, overlays: readonly Overlay[], sidePx: number): Promise<Buffer> =>
    flatten(sharp, background, overlays, sidePx);
  return { place, flatten: flat, rasterize, sharp };
}

export type Layers = ReturnType<typeof openLayers>;
