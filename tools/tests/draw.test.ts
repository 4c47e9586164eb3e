import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { drawHouse, HOUSE_PICTURE } from '../draw.ts';

test('the picture in the README is the house as it stands (else: npm run draw)', () => {
  expect(readFileSync(HOUSE_PICTURE, 'utf8')).toBe(drawHouse());
});
