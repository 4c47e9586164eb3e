import { describe, expect, it } from '@jest/globals';
import { fileFor } from '../pictures/serve.ts';

describe('which file a picture request means', () => {
  it.each([
    ['/pictures/santoku-no-3/1-1200x1200.webp', 'santoku-no-3/1-1200x1200.webp'],
    ['/pictures/santoku-no-3/1-1200x1200.webp?w=1', 'santoku-no-3/1-1200x1200.w320.webp'],
    ['/pictures/santoku-no-3/1-1200x1200.webp?w=320', 'santoku-no-3/1-1200x1200.w320.webp'],
    ['/pictures/santoku-no-3/1-1200x1200.webp?w=321', 'santoku-no-3/1-1200x1200.w640.webp'],
    ['/pictures/santoku-no-3/1-1200x1200.webp?w=641', 'santoku-no-3/1-1200x1200.webp'],
    ['/pictures/santoku-no-3/1-1200x1200.webp?w=9999', 'santoku-no-3/1-1200x1200.webp'],
    ['/pictures/a/1-640x640.webp?w=400', 'a/1-640x640.webp'],
  ])('%s is %s', (target, file) => {
    expect(fileFor(target)).toBe(file);
  });

  it.each([
    '/pictures/../secrets.json',
    '/pictures/..%2f..%2fsecrets/1-1200x1200.webp',
    '/pictures/a/../../1-1200x1200.webp',
    '/pictures/a/1-1200x1200.webp%00.json',
    '/pictures/a/1-1200x1200.w320.webp',
    '/pictures/A/1-1200x1200.webp',
    '/pictures/a/1-1200x1200.webp?w=-1',
    '/pictures/a/1-1200x1200.webp?w=1e3',
    '/pictures/a/1-1200x1200.webp?w=',
    '//pictures/a/1-1200x1200.webp',
    `/pictures/${'a'.repeat(101)}/1-1200x1200.webp`,
    '',
  ])('%s is none', (target) => {
    expect(fileFor(target)).toBeNull();
  });
});
