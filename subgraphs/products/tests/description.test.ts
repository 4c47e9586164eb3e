import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sanitisedDescription } from '../src/domain/description.ts';

test.each([
  ['<p>Warm <b>light</b></p>', '<p>Warm <b>light</b></p>'],
  ['<h1>Lamp</h1>', '<h2>Lamp</h2>'],
  ['<script>alert(1)</script><p>x</p>', '<p>x</p>'],
  ['<style>p{}</style>x', 'x'],
  ['<p onclick="x()" style="position:fixed" class="a">x</p>', '<p>x</p>'],
  ['<a href="javascript:alert(1)">x</a>', '<a rel="noopener noreferrer nofollow">x</a>'],
  ['<a href="JaVaScRiPt&colon;alert(1)">x</a>', '<a rel="noopener noreferrer nofollow">x</a>'],
  ['<a href="https://example.com">x</a>', '<a href="https://example.com" rel="noopener noreferrer nofollow">x</a>'],
  ['<img src="data:text/html,x" onerror="x()">', '<img loading="lazy" />'],
  ['<img src="//elsewhere.example/x.png" alt="a">', '<img alt="a" loading="lazy" />'],
  ['<iframe src="https://example.com"></iframe>x', 'x'],
  ['<form action="/x"><input name="a">x</form>', 'x'],
  ['<svg><script>x</script></svg>', ''],
  ['<math><mtext></p><img src=x onerror=x()>', '<p></p><img src="x" loading="lazy" />'],
  ['a < b & c', 'a &lt; b &amp; c'],
  ['unfinished <b', 'unfinished'],
])('%s becomes %s', (html, clean) => {
  expect(sanitisedDescription(html)).toBe(clean);
});

describe('whatever comes in', () => {
  const tag = fc.constantFrom(
    'p',
    'b',
    'script',
    'img',
    'a',
    'svg',
    'style',
    'table',
    'iframe',
    'textarea',
    'noscript',
  );
  const piece = fc.oneof(
    fc.string({ maxLength: 10 }).filter((text) => !/[\p{Cc}&]/u.test(text)),
    tag.map((name) => `<${name} onload=x href="javascript:x" src='javascript:x'>`),
    tag.map((name) => `</${name}>`),
    fc.constantFrom('<', '>', '"', '<!--', '-->', ']]>', '<![CDATA[', '&lt;script&gt;', '&#106;avascript:'),
  );
  const html = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));

  test('nothing that runs comes out', () => {
    fc.assert(
      fc.property(html, (text) => {
        const clean = sanitisedDescription(text);
        expect(clean).not.toMatch(/<(script|style|iframe|svg|math|object|embed|form|textarea|noscript)/i);
        for (const [inTag] of clean.matchAll(/<[^>]*>/g)) expect(inTag).not.toMatch(/\son\w+=|javascript:/i);
      }),
      { numRuns: 500 },
    );
  });

  test('sanitising twice is sanitising once', () => {
    fc.assert(
      fc.property(html, (text) => {
        const clean = sanitisedDescription(text);
        expect(sanitisedDescription(clean)).toBe(clean);
      }),
      { numRuns: 500 },
    );
  });

  test('a control character or too much of it is refused; line breaks are not', () => {
    expect(() => sanitisedDescription('a\u0000b')).toThrow(/control character/);
    expect(() => sanitisedDescription('a&#1;b')).toThrow(/control character/);
    expect(() => sanitisedDescription('x'.repeat(100_001))).toThrow(/100000/);
    expect(() => sanitisedDescription('<'.repeat(100_000))).toThrow(/100000/);
    expect(sanitisedDescription('a\r\n\tb')).toBe('a\r\n\tb');
  });
});
