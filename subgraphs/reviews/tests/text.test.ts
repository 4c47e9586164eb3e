import { Refusal } from '@ebuy/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { soundReason, soundWords } from '../src/domain/checks.ts';
import { plainText, requiredText, shownName } from '../src/domain/text.ts';

const body = (text: string) => plainText(text, { field: 'body', max: 5_000, layout: true });
const title = (text: string) => plainText(text, { field: 'title', max: 200 });
const refused = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error instanceof Refusal ? [error.code, error.field] : error;
  }
};

describe('what was meant stays', () => {
  test.each([
    'a < b',
    'AT&T',
    'Q&A: 5 > 3 && 2 < 4, 1<2>0',
    'I <3 this -> really <- ',
    '"quoted", \'it’s\' 100% & more; a&b;c',
    'https://example.com/?a=1&b=2',
    '%3Cscript%3E and \\u003cscript\\u003e',
    '日本語のレビュー 👩‍👩‍👧 🇩🇪 👍🏽',
    'مريح جدًا \u200Fو\u200Eسهل',
    'One.\n\n\tTwo.',
    'javascript:alert(1)',
  ])('%j', (text) => expect(body(text)).toBe(text.trim()));

  test.each([
    ['AT&amp;T &copy; &euro;5 &#8364; &hellip;', 'AT&T © €5 € …'],
    ['&quot;a &lt; b&quot;', '"a < b"'],
    ['  &nbsp; Fine &nbsp; ', 'Fine'],
    ['<p>One.</p><p>Two<br/>lines.</p><ul><li>a</li><li>b</li></ul>', 'One.\nTwo\nlines.\na\nb'],
    ['<b>Good</b> <i>value</i>, <a href="javascript:alert(1)">see</a>', 'Good value, see'],
    ['x<y and no end', 'x< y and no end'],
    ['One.\r\nTwo.\rThree.\u2028Four.', 'One.\nTwo.\nThree.\nFour.'],
    ['Cafe\u0301', 'Caf\u00e9'],
    ['pay \u202Eesrever\u202C now \u2066x\u2069', 'pay esrever now x'],
    ['one &#x202E;two', 'one two'],
  ])('%j becomes %j', (text, expected) => expect(body(text)).toBe(expected));

  test('a title is one line', () => {
    expect(title(' <h1>Fine</h1><p>or so</p> ')).toBe('Fine or so');
    expect(title('One\u2028two')).toBe('One two');
  });
});

/** Nothing that a browser would take for a tag, a comment or a reference that becomes one. */
const HARMFUL = /<[a-z/!?]/i;

describe('what was not meant well comes out harmless', () => {
  test.each([
    ['<script>alert(1)</script>ok', 'ok'],
    ['<ScRiPt src=//x.example></sCrIpT >ok', 'ok'],
    ['<img src=x onerror=alert(1)>ok', 'ok'],
    ['<img src=x onerror=alert(1)', '< img src=x onerror=alert(1)'],
    ['<svg onload=alert(1)><animate onbegin=alert(1)>ok</svg>', 'ok'],
    ['<scr<script>ipt>alert(1)</scr</script>ipt>ok', undefined],
    ['<<script>script>alert(1)<</script>/script>ok', undefined],
    ['&lt;script&gt;alert(1)&lt;/script&gt;ok', 'ok'],
    ['&amp;lt;img src=x onerror=alert(1)&amp;gt;ok', 'ok'],
    ['&#60;script&#62;alert(1)&#x3c;/script&#x3E;ok', 'ok'],
    ['&lt img src=x onerror=alert(1)&gtok', undefined],
    ['<\u202Escript>alert(1)</script>ok', undefined],
    ['<!-- <script> -->ok', 'ok'],
    ['<![CDATA[<script>alert(1)</script>]]>ok', undefined],
    ['<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>ok', 'ok'],
    ['<title><img src=x onerror=alert(1)></title>ok', 'ok'],
    ['<textarea></textarea><img src=x onerror=alert(1)>ok', 'ok'],
    ['<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style>ok', undefined],
    ['<a\u000Bonclick=alert(1)>', 'REFUSED'],
    ['{{constructor.constructor("alert(1)")()}}', '{{constructor.constructor("alert(1)")()}}'],
    [`${'&'}${'amp;'.repeat(1_000)}lt;script&gt;ok`, undefined],
    [`${'<'.repeat(2_000)}script>ok`, undefined],
  ])('%j', (text, expected) => {
    const kept = refused(() => body(text));
    if (expected === 'REFUSED') return expect(kept).toEqual(['INVALID_INPUT', ['body']]);
    if (expected !== undefined) expect(kept).toBe(expected);
    return expect(String(kept)).not.toMatch(HARMFUL);
  });

  const part = fc.constantFrom(
    ...['<', '>', '&', 'lt;', '&lt;', '&#60;', '&amp;', '&gt;', '/', '!', '--', '?', '"', "'", ' ', '\n', 'a', 'b<c'],
    ...['script', '</script>', '<script>', '<img src=x onerror=alert(1)>', '<svg', 'onload=1', '<!--', '-->', '<p>'],
    ...['\u202E', '&#x202e;', '\u2028', '\u0338', 'é', '👍', '<style>', '</style>', '<![CDATA[', ']]>'],
  );

  test('whatever is put together of such parts: no tag is left, and to write it again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
        const kept = refused(() => body(parts.join('')));
        if (typeof kept !== 'string') return;
        expect(kept).not.toMatch(HARMFUL);
        expect(body(kept)).toBe(kept);
      }),
      { numRuns: 2_000 },
    );
  });

  test('any text at all: kept or refused, never an accident', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const kept = refused(() => body(text));
        if (typeof kept === 'string') {
          expect(kept.isWellFormed()).toBe(true);
          expect(kept.replace(/[\t\n]/g, '')).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
        } else if (kept !== null) expect(kept).toEqual(['INVALID_INPUT', ['body']]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a long attack is not a slow one', () => {
    for (const text of ['<a'.repeat(20_000), `&${'amp;'.repeat(9_000)}`, '<b>'.repeat(13_000), '<scr'.repeat(9_000)]) {
      const from = performance.now();
      refused(() => body(text));
      expect(performance.now() - from).toBeLessThan(500);
    }
  });
});

describe('what is refused', () => {
  const INVALID = ['INVALID_INPUT', ['body']];
  test.each([
    ['a null byte', 'a\u0000b'],
    ['a bell', 'a\u0007b'],
    ['a reference to a control character', 'a&#7;b'],
    ['half a surrogate pair', 'a\ud83d b'],
    ['one character too many', 'x'.repeat(5_001)],
    ['one emoji too many', '👍'.repeat(5_001)],
    ['far too many', '<b></b>'.repeat(10_000)],
  ])('%s', (_, text) => expect(refused(() => body(text))).toEqual(INVALID));

  test('a line break or a tab in a title', () => {
    for (const text of ['a\nb', 'a\tb', 'a\r\nb'])
      expect(refused(() => title(text))).toEqual(['INVALID_INPUT', ['title']]);
  });

  test('lengths are counted in characters, after trimming, of what is kept', () => {
    expect(body(`  ${'👍'.repeat(5_000)}\n`)).toBe('👍'.repeat(5_000));
    expect(body(`<p>${'x'.repeat(5_000)}</p>`)).toBe('x'.repeat(5_000));
  });

  test.each(['', '  \n ', '<b></b>', '\u200B\u200D\uFEFF', '<script>alert(1)</script>', '&nbsp;', '\u202E'])(
    '%j says nothing',
    (text) => {
      expect(body(text)).toBeNull();
      expect(refused(() => requiredText(text, { field: 'body', max: 10, layout: true }))).toEqual(INVALID);
    },
  );
});

test.each([0, 6, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY])('%d stars are none', (stars) => {
  expect(refused(() => soundWords({ stars, title: 'T', body: 'B' }))).toEqual(['INVALID_INPUT', ['stars']]);
});

test('a reason may be nothing', () => {
  expect([null, undefined, '', ' \n', 'spam'].map(soundReason)).toEqual([null, null, null, null, 'spam']);
});

test.each([
  [null, null],
  ['', null],
  ['\u200B', null],
  [' Ada\n\u0000 <b>L.</b> ', 'Ada L.'],
  ['<script>alert(1)</script>', null],
  ['\u202Eeve', 'eve'],
  ['حسين 👍', 'حسين 👍'],
  ['x'.repeat(5_000), 'x'.repeat(100)],
  ['a\ud83d', 'a\ufffd'],
  ['ada@example.com', null],
  ['Ada <i>ada</i>@example.com', null],
  ['Ada @ home', 'Ada @ home'],
])('the name %j is shown as %j', (name, shown) => expect(shownName(name)).toBe(shown));
