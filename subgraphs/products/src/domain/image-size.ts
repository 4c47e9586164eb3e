const SIZE_IN_NAME = /-([1-9]\d{0,4})x([1-9]\d{0,4})\.(?:avif|gif|jpe?g|png|webp)$/i;

export interface ImageSize {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * What a picture's file name says of its size, as in `lamp-1200x800.webp`; null when it says nothing. Nobody opens the picture: an
 * address may lead anywhere. `lamp_800x600.jpg` says nothing either: in Shopify's addresses that is the box it was fitted into.
 */
export function imageSizeOf(url: string): ImageSize | null {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const [, width, height] = SIZE_IN_NAME.exec(path) ?? [];
  return width === undefined || height === undefined ? null : { width: Number(width), height: Number(height) };
}
