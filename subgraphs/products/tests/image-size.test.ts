import { describe, expect, test } from '@jest/globals';
import { imageSizeOf } from '../src/domain/image-size.ts';

describe('the size of a picture', () => {
  test.each([
    ['/media/lamp-1200x1200.webp', 1200, 1200],
    ['https://cdn.example.com/a/name-800x600.jpg', 800, 600],
    ['https://cdn.example.com/a/name-800x600.JPEG?v=1700000000', 800, 600],
    ['/a/2x4-lamp-1x99999.png#top', 1, 99999],
    ['/a/lamp-100x100-640x480.avif', 640, 480],
  ])('of %s is %d × %d', (url, width, height) => {
    expect(imageSizeOf(url)).toEqual({ width, height });
  });

  test.each([
    '/lamp.webp',
    '/lamp-0x600.webp',
    '/lamp-800x0.webp',
    '/lamp-800x.webp',
    '/lamp-100000x1.webp',
    '/lamp_800x600.jpg',
    '/lamp-800x600',
    '/lamp-800x600.svg',
    '/lamp-800x600/picture.jpg',
    '/lamp.jpg?name=-800x600.jpg',
    '',
  ])('is not known from %j', (url) => {
    expect(imageSizeOf(url)).toBeNull();
  });

  test('is found at once in a name made to be slow', () => {
    const started = performance.now();
    expect(imageSizeOf(`/${'-1x1'.repeat(500)}`)).toBeNull();
    expect(performance.now() - started).toBeLessThan(50);
  });
});
