import { describe, expect, test } from '@jest/globals';
import { beginningOf, headAfter, judgeChain, type SealedEntry, sealNext } from '../src/audit/chain.ts';
import { ANONYMOUS, type AuditHead, auditHeadIn, auditorOf, auditorOfService, plainOr } from '../src/index.ts';

const audit = auditorOfService('payments', { correlationId: 'c-1', causationId: null });
const entries = Array.from({ length: 6 }, (_, index) =>
  audit({
    action: 'payment.captured',
    aggregate: { type: 'Payment', id: `p-${index}` },
    version: index,
    detail: { amountMinor: index },
  }),
);

function chainOf(name: string): SealedEntry[] {
  let head = beginningOf(name);
  return entries.map((entry) => {
    const sealed = sealNext(head, { id: entry.id, entry });
    head = headAfter(head, sealed);
    return sealed;
  });
}

async function* rowsOf(rows: readonly SealedEntry[]) {
  yield* structuredClone(rows);
}

const judge = async (rows: readonly SealedEntry[], published: readonly AuditHead[] = []) =>
  (await judgeChain('payments', rowsOf(rows), published)).breaks.map(({ seal }) => seal);

describe('a chain', () => {
  const sound = chainOf('payments');
  const changed = (index: number, change: (row: SealedEntry) => SealedEntry) =>
    sound.map((row, at) => (at === index ? change(structuredClone(row)) : row));
  const richer = (row: SealedEntry): SealedEntry => ({
    ...row,
    entry: { ...entries[row.seal - 1], detail: { amountMinor: 1_000_000 } },
  });

  test('holds, and has its newest row as its head', async () => {
    const { head, breaks } = await judgeChain('payments', rowsOf(sound));
    expect([head, breaks]).toEqual([{ chain: 'payments', seal: 6, hash: sound[5]?.hash }, []]);
    expect((await judgeChain('payments', rowsOf([]))).head).toEqual(beginningOf('payments'));
  });

  test('does not depend on the order in which a store keeps the fields', async () => {
    const reversed = (value: object): object =>
      Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, field]) => [name, isRecord(field) ? reversed(field) : field]),
      );
    expect(await judge(sound.map((row) => ({ ...row, entry: reversed(row.entry as object) })))).toEqual([]);
  });

  test.each([
    ['a row that was changed', changed(2, richer), [3]],
    ['a row whose author is another', changed(1, (row) => ({ ...row, entry: { ...entries[1], actor: null } })), [2]],
    ['a row that was changed together with its hash', rehashed(2), [4]],
    ['a row that is gone', sound.filter(({ seal }) => seal !== 3), [4]],
    ['a row that is gone, and its place closed', closed(sound.filter(({ seal }) => seal !== 3)), [3, 4, 5]],
    ['two rows that changed places', swapped(2, 3), [3, 4, 5]],
    ['a row that was put in between', closed([...sound.slice(0, 2), foreign(3), ...sound.slice(2)]), [4, 5, 6, 7]],
    [
      'a row of another chain',
      sound.map((row, at) => (at === 0 ? (chainOf('orders')[0] as SealedEntry) : row)),
      [1, 2],
    ],
    ['a row that is filed under another id', changed(4, (row) => ({ ...row, id: 'another' })), [5]],
  ])('is broken by %s, which is named', async (_, rows, expected) => {
    expect(await judge(rows)).toEqual(expected);
  });

  test('that was cut off at its end, or written anew, does not fit what was published', async () => {
    const published = [sound[1], sound[4]].map((row) => ({
      chain: 'payments',
      seal: row?.seal ?? 0,
      hash: row?.hash ?? '',
    }));
    expect(await judge(sound, [...published, { chain: 'orders', seal: 3, hash: 'x' }])).toEqual([]);
    expect(await judge(sound.slice(0, 4), published)).toEqual([5]);
    expect(await judge(sound.slice(0, 4))).toEqual([]);
    let head = beginningOf('payments');
    const anew = entries.map((entry) => {
      const sealed = sealNext(head, { id: entry.id, entry: { ...entry, action: 'nothing' } });
      head = headAfter(head, sealed);
      return sealed;
    });
    expect(await judge(anew)).toEqual([]);
    expect(await judge(anew, published)).toEqual([2, 5]);
  });

  /** As a forger does who knows how: the row's own hash is made to fit. */
  function rehashed(index: number): SealedEntry[] {
    return changed(index, (row) => {
      const before = sound[index - 1] as SealedEntry;
      return sealNext({ chain: 'payments', seal: before.seal, hash: before.hash }, richer(row));
    });
  }
  function swapped(one: number, other: number): SealedEntry[] {
    const [a, b] = [sound[one] as SealedEntry, sound[other] as SealedEntry];
    return sound.map((row, at) => (at === one ? { ...b, seal: a.seal } : at === other ? { ...a, seal: b.seal } : row));
  }
  function closed(rows: readonly SealedEntry[]): SealedEntry[] {
    return rows.map((row, at) => ({ ...row, seal: at + 1 }));
  }
  function foreign(seal: number): SealedEntry {
    const before = sound[seal - 2] as SealedEntry;
    const entry = audit({ action: 'payment.refunded', aggregate: { type: 'Payment', id: 'p-x' } });
    return sealNext({ chain: 'payments', seal: seal - 1, hash: before.hash }, { id: entry.id, entry });
  }
});

describe('an entry', () => {
  const caller = {
    ...ANONYMOUS,
    kind: 'user' as const,
    id: 'u-1',
    email: 'ada@example.com',
    roles: ['support'],
    clientId: 'console',
  };
  const source = { caller, service: 'router', correlationId: 'c-1', clientAddress: '203.0.113.7' };
  const shipped = {
    action: 'shipOrder',
    aggregate: { type: 'Order', id: 'o-1' },
    version: 4,
    detail: { status: 'SHIPPED' },
  };

  test('says who, what, which, when and from where; of staff and partners with their address', () => {
    const at = new Date('2026-11-23T12:00:00.123Z');
    expect(auditorOf(source, { asStaff: true })(shipped, at)).toEqual({
      id: expect.any(String),
      at: '2026-11-23T12:00:00.123Z',
      actor: { kind: 'staff', id: 'u-1', clientId: 'console', roles: ['support'] },
      ...shipped,
      from: { address: '203.0.113.7', service: 'router' },
      correlationId: 'c-1',
      causationId: null,
    });
    const partner = { ...source, caller: { ...caller, kind: 'client' as const } };
    expect(auditorOf(partner, { asStaff: false })(shipped)).toMatchObject({
      actor: { kind: 'client' },
      from: { address: '203.0.113.7' },
    });
  });

  test('of a shopper, staff or not elsewhere, has no address; of a guest no id either; no e-mail in any', () => {
    const ofShopper = auditorOf(source, { asStaff: false })(shipped);
    expect(ofShopper).toMatchObject({ actor: { kind: 'shopper', id: 'u-1' }, from: { address: null } });
    const ofGuest = auditorOf({ ...source, caller: ANONYMOUS }, { asStaff: true })(shipped);
    expect(ofGuest).toMatchObject({ actor: { kind: 'guest', id: null }, from: { address: null } });
    expect(JSON.stringify([ofShopper, ofGuest])).not.toMatch(/@|203\.0/);
  });

  test.each([
    ['a sentence', { reason: 'came too late' }],
    ['an e-mail address', { by: 'ada@example.com' }],
    ['a list with a sentence in it', { changed: ['title', 'very well'] }],
    ['a text without end', { code: 'x'.repeat(101) }],
    ['half a cent', { amountMinor: 0.5 }],
    ['too many details', Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`d${index}`, index]))],
  ])('takes no %s', (_, detail) => {
    expect(() => audit({ ...shipped, detail })).toThrow(/audit entry|detail/);
  });

  test("takes somebody else's code only when it is one", () => {
    expect([plainOr('card_declined', 'other'), plainOr('The card was declined', 'other')]).toEqual([
      'card_declined',
      'other',
    ]);
  });
});

test('a head is read from the line that published it, and from no other', () => {
  const head = { chain: 'orders', seal: 7, hash: 'ab' };
  expect(auditHeadIn(JSON.stringify({ level: 'info', audit: head, msg: 'audit entries were sealed' }))).toEqual(head);
  expect(auditHeadIn(JSON.stringify({ audit: { chain: 'orders' }, msg: 'audit entries were sealed' }))).toBeNull();
  expect(auditHeadIn('audit entries were sealed')).toBeNull();
  expect(auditHeadIn(JSON.stringify({ audit: head, msg: 'else' }))).toBeNull();
});

function isRecord(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
