import { appendEvents } from '@ebuy/events';
import { isId } from '@ebuy/kernel';
import { appendAudit, once, type Settle } from '@ebuy/runtime';
import type { VariantOfProduct } from '../domain/product.ts';
import { requiredText } from '../domain/text.ts';
import { MAX_ON_HAND } from '../domain/variants.ts';
import { refuse } from '../refusals.ts';
import { type Database, inTransaction, Prisma, type Transaction } from '../store/index.ts';
import { readVariant } from '../store/products.ts';
import { type StockLevel, stockChanged } from '../store/stock.ts';
import type { Actor } from './actor.ts';

export interface AdjustStockInput {
  readonly variantId: string;
  readonly delta: number;
  readonly reason: string;
  readonly idempotencyKey: string;
}

interface Answer {
  readonly variantId: string;
}

export async function adjustStock(
  database: Database,
  { idempotencyKey, ...input }: AdjustStockInput,
  actor: Actor,
): Promise<{ result: VariantOfProduct; replayed: boolean }> {
  const reason = requiredText(input.reason, { field: ['reason'], max: 200 });
  const variantId = input.variantId.toLowerCase();
  if (!isId(variantId)) refuse('VARIANT_NOT_FOUND', { field: ['variantId'] });
  if (input.delta === 0) refuse('INVALID_INPUT', { field: ['delta'], message: 'Zero units move nothing.' });
  const request = { principal: actor.principal, operation: 'adjustStock', key: idempotencyKey, input };
  const { answer, replayed } = await once<Answer>(database, request, (settle) =>
    inTransaction(database, (tx) => move(tx, { ...input, variantId, reason, idempotencyKey }, actor, settle)),
  );
  const variant = await readVariant(database, answer.variantId);
  if (variant === null) refuse('VARIANT_NOT_FOUND', { field: ['variantId'] });
  return { result: variant, replayed };
}

async function move(
  tx: Transaction,
  { variantId, delta, reason, idempotencyKey }: AdjustStockInput,
  { principal, trace, audit }: Actor,
  settle: Settle<Answer>,
): Promise<Answer> {
  const levels = await tx.$queryRaw<StockLevel[]>(Prisma.sql`
    WITH changed AS (
      UPDATE stock s SET on_hand = s.on_hand + ${delta}::int, version = s.version + 1
        FROM variant v
       WHERE s.variant_id = ${variantId}::uuid AND v.id = s.variant_id
         AND s.on_hand::bigint + ${delta}::int BETWEEN s.reserved AND ${MAX_ON_HAND}::int
      RETURNING s.variant_id, v.product_id, s.on_hand, s.reserved, s.sold, s.version
    ), moved AS (
      INSERT INTO stock_movement (variant_id, delta, reason, idempotency_key, who)
      SELECT variant_id, ${delta}::int, ${reason}, ${idempotencyKey}, ${principal} FROM changed
    )
    SELECT variant_id AS "variantId", product_id AS "productId", on_hand AS "onHand", reserved, sold, version FROM changed`);
  const [level] = levels;
  if (level === undefined) return refuseMove(tx, variantId, delta);
  await appendEvents(tx, stockChanged(levels, trace));
  const { productId, onHand, version } = level;
  const aggregate = { type: 'Stock', id: variantId };
  await appendAudit(tx, audit({ action: 'adjustStock', aggregate, version, detail: { productId, delta, onHand } }));
  const answer = { variantId };
  await settle(tx, answer);
  return answer;
}

async function refuseMove(tx: Transaction, variantId: string, delta: number): Promise<never> {
  const current = await readVariant(tx, variantId);
  if (current === null) refuse('VARIANT_NOT_FOUND', { field: ['variantId'] });
  return refuse(delta > 0 ? 'STOCK_LIMIT_EXCEEDED' : 'INSUFFICIENT_STOCK', { field: ['delta'], current });
}
