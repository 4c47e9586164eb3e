// The answers to the operations in documents.ts.

export interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

export interface UserError {
  readonly code: string;
  readonly message: string;
  readonly field: readonly string[] | null;
}

/** A mutation's payload: its result by name, and why it was refused. */
export type Payload<Name extends string, Result> = { readonly [Key in Name]: Result | null } & {
  readonly userErrors: readonly UserError[];
};

export interface ShownProduct {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly vendor: string | null;
  readonly availability: string;
  readonly variants: readonly {
    readonly id: string;
    readonly sku: string;
    readonly title: string;
    readonly price: Money;
    readonly availableQuantity: number;
  }[];
}

export interface Cart {
  readonly id: string;
  readonly version: number;
  readonly subtotal: Money | null;
  readonly lines: readonly {
    readonly id: string;
    readonly quantity: number;
    readonly unitPrice: Money;
    readonly lineTotal: Money | null;
    readonly variant: {
      readonly id: string;
      readonly sku: string;
      readonly title: string;
      readonly availability: string;
      readonly product: { readonly slug: string; readonly title: string };
    } | null;
  }[];
}

export interface Quote {
  readonly shippingOptions: readonly {
    readonly code: string;
    readonly label: string;
    readonly price: Money;
    readonly estimatedDays: number;
  }[];
  readonly subtotal: Money | null;
  readonly shippingTotal: Money | null;
  readonly taxTotal: Money | null;
  readonly total: Money | null;
  readonly userErrors: readonly UserError[];
}

export type OrderStatus = 'AWAITING_STOCK' | 'AWAITING_PAYMENT' | 'CONFIRMED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED';

export interface Payment {
  readonly id: string;
  readonly status: string;
  readonly nextAction: { readonly url: string } | null;
  readonly authorizedAmount: Money;
  readonly capturedAmount: Money;
  readonly refundedAmount: Money;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface Order {
  readonly id: string;
  readonly version: number;
  readonly number: string;
  readonly status: OrderStatus;
  readonly placedAt: string;
  readonly email: string | null;
  readonly lines: readonly {
    readonly id: string;
    readonly sku: string;
    readonly title: string;
    readonly quantity: number;
    readonly unitPrice: Money;
    readonly lineTotal: Money;
    readonly variant: { readonly id: string } | null;
  }[];
  readonly subtotal: Money;
  readonly shippingTotal: Money;
  readonly taxTotal: Money;
  readonly total: Money;
  readonly payment: Payment | null;
  readonly history: readonly { readonly status: OrderStatus; readonly at: string; readonly reason: string | null }[];
}

export interface StaffProduct {
  readonly id: string;
  readonly version: number;
  readonly slug: string;
  readonly title: string;
  readonly status: string;
  readonly variants: readonly StaffVariant[];
}

export interface StaffVariant {
  readonly id: string;
  readonly sku: string;
  readonly title: string;
  readonly price: Money;
  readonly stock: Stock;
}

export interface Stock {
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}
