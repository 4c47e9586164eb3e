import type { Money } from '@ebuy/tools/demo/shapes.ts';
export async function authorizationsOf(_orderId: string): Promise<Money[]> {
  return [];
}
export async function heldOf(_orderId: string): Promise<number> {
  return 0;
}
