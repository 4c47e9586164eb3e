import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { ATTEMPT_STATUSES, PAYMENT_STATUSES } from '../src/domain/payment.ts';
import { ATTEMPT_TABLE, NEWS, STATUS_TABLE, STEPS } from '../src/domain/status-table.ts';

/** Every cell once more, by step and in the order of the statuses: a change of the table is a change here. */
const WANTED = `
                 PENDING         REQUIRES_ACTION AUTHORIZED   DECLINED     CAPTURED           PARTIALLY_REFUNDED REFUNDED               VOIDED
paymentRequested PENDING         PENDING         AUTHORIZED   PENDING      -                  -                  -                      -
actionRequired   REQUIRES_ACTION -               -            -            -                  -                  -                      -
authorized       AUTHORIZED      AUTHORIZED      -            -            -                  -                  -                      -
declined         DECLINED        DECLINED        -            -            -                  -                  -                      -
orderCancelled   VOIDED          VOIDED          AUTHORIZED   VOIDED       -                  -                  -                      -
voided           -               -               VOIDED       -            -                  -                  -                      VOIDED
orderShipped     -               -               AUTHORIZED   -            -                  -                  -                      -
captured         -               -               CAPTURED     -            -                  -                  -                      -
captureFailed    -               -               AUTHORIZED   -            -                  -                  -                      -
refundRequested  NOT_CAPTURED    NOT_CAPTURED    NOT_CAPTURED NOT_CAPTURED CAPTURED           PARTIALLY_REFUNDED NOTHING_LEFT_TO_REFUND NOT_CAPTURED
refundedInPart   -               -               -            -            PARTIALLY_REFUNDED PARTIALLY_REFUNDED -                      -
refundedInFull   -               -               -            -            REFUNDED           REFUNDED           -                      -
`;

const wanted = WANTED.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const [statuses = [], ...rows] = wanted;

function shown(status: (typeof PAYMENT_STATUSES)[number], step: (typeof STEPS)[number]): string {
  const cell = STATUS_TABLE[status][step];
  if (cell.kind === 'move') return cell.to;
  return cell.kind === 'refused' ? cell.code : '-';
}

test('every cell of the table is as wanted, and there are no others', () => {
  expect(statuses).toEqual([...PAYMENT_STATUSES]);
  expect(rows.map(([step]) => step)).toEqual([...STEPS]);
  expect(STEPS.map((step) => [step, ...PAYMENT_STATUSES.map((status) => shown(status, step))])).toEqual(rows);
  expect(Object.keys(STATUS_TABLE)).toEqual([...PAYMENT_STATUSES]);
  for (const status of PAYMENT_STATUSES) expect(Object.keys(STATUS_TABLE[status])).toEqual([...STEPS]);
});

test('whatever is ignored says why', () => {
  for (const status of PAYMENT_STATUSES) {
    for (const step of STEPS) {
      const cell = STATUS_TABLE[status][step];
      if (cell.kind === 'ignored') expect(cell.why.length).toBeGreaterThan(5);
    }
  }
});

test('README.md shows the same table', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace('–', '-'));
  for (const step of STEPS) {
    const line = readme.split('\n').find((text) => cells(text)[0] === step);
    expect(cells(line ?? '')).toEqual([step, ...PAYMENT_STATUSES.map((status) => shown(status, step))]);
  }
});

test('every cell of the attempts is as wanted: news only ever leads forward', () => {
  const table = ATTEMPT_STATUSES.map((status) => [status, ...NEWS.map((news) => ATTEMPT_TABLE[status][news] ?? '-')]);
  expect(table).toEqual([
    //                   PENDING REQUIRES_ACTION    AUTHORIZED    DECLINED    VOIDED
    ['PENDING', /*        */ '-', 'REQUIRES_ACTION', 'AUTHORIZED', 'DECLINED', 'VOIDED'],
    ['REQUIRES_ACTION', /**/ '-', '-', /*         */ 'AUTHORIZED', 'DECLINED', 'VOIDED'],
    ['AUTHORIZED', /*     */ '-', '-', /*         */ '-', /*    */ '-', /*  */ '-'],
    ['DECLINED', /*       */ '-', 'REQUIRES_ACTION', 'AUTHORIZED', '-', /*  */ '-'],
    ['VOIDED', /*         */ '-', '-', /*         */ '-', /*    */ '-', /*  */ '-'],
  ]);
});
