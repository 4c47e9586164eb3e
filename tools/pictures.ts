/** `npm run pictures [-- PRODUCT…]`: composes the catalogue's pictures anew. For maintainers: what it makes is committed. */
import { composePictures } from './pictures/compose.ts';

try {
  await composePictures(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
