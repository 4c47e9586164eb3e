import type { Logger } from '@ebuy/runtime';
import type { PaymentProvider } from '../provider/provider.ts';
import type { Store } from '../store/index.ts';
import type { ProviderCall } from '../store/provider-calls.ts';

/** What the commands work with. */
export interface Payments {
  readonly store: Store;
  readonly provider: PaymentProvider;
  readonly logger: Logger;
  /** Makes calls that were written, in the background. Resolves when they are settled or put off; nobody has to wait for it. */
  readonly makeCalls: (calls: readonly ProviderCall[]) => Promise<void>;
}
