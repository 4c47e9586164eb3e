/** As much of sharp as the composer calls. The package is heavy and only a maintainer's run needs it, so nobody else installs it. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../repo/paths.ts';

export interface Raw {
  readonly data: Buffer;
  readonly info: { readonly width: number; readonly height: number; readonly channels: number };
}
export interface Overlay {
  readonly input: Buffer;
  readonly left: number;
  readonly top: number;
}
export interface Picture {
  resize(width: number, height?: number, options?: { fit?: 'contain' | 'fill'; kernel?: 'lanczos3' }): Picture;
  rotate(degrees: number, options?: { background: string }): Picture;
  trim(options?: { threshold?: number }): Picture;
  extend(options: { top: number; bottom: number; left: number; right: number; background: string }): Picture;
  extract(area: { left: number; top: number; width: number; height: number }): Picture;
  ensureAlpha(): Picture;
  blur(sigma: number): Picture;
  composite(overlays: readonly Overlay[]): Picture;
  png(options?: { compressionLevel: number }): Picture;
  webp(options: { quality: number; effort: number; smartSubsample?: boolean }): Picture;
  raw(): Picture;
  toBuffer(): Promise<Buffer>;
  toBuffer(options: { resolveWithObject: true }): Promise<Raw>;
}
export type Sharp = (
  input: Buffer,
  options?: { density?: number; raw?: { width: number; height: number; channels: number } },
) => Picture;

/** Where the packages of the composer are installed, beside the workspace and out of its lockfile. */
const OWN_PACKAGES = join(ROOT, '.ebuy', 'pictures');
export const NEEDED = ['sharp@0.35.5', '@iconify-json/fluent-emoji@1.2.7'] as const;

const own = createRequire(pathToFileURL(join(OWN_PACKAGES, 'package.json')));

function pathOf(specifier: string): string {
  try {
    return own.resolve(specifier);
  } catch {
    throw new Error(
      `The pictures' packages are not installed. Run:\n  npm install --no-save --prefix .ebuy/pictures ${NEEDED.join(' ')}\nthen npm run pictures again.`,
    );
  }
}

export const loadSharp = (): Sharp => own(pathOf('sharp')) as Sharp;
/** The drawings of the set: a file of some 100 MB, read once. */
export const setPath = (): string => pathOf('@iconify-json/fluent-emoji/icons.json');
