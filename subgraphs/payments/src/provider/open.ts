import type { PaymentsSettings } from '../config.ts';
import type { PaymentProvider } from './provider.ts';
import { createSandboxProvider } from './sandbox.ts';
import { createStripeProvider } from './stripe.ts';

/** The provider that the settings name. */
export function openProvider(settings: PaymentsSettings): PaymentProvider {
  switch (settings.paymentProvider) {
    case 'sandbox':
      return createSandboxProvider({
        url: settings.sandboxUrl,
        apiKey: settings.sandboxApiKey,
        webhookSecrets: settings.sandboxWebhookSecrets,
      });
    case 'stripe':
      return createStripeProvider({
        secretKey: settings.stripeSecretKey,
        webhookSecrets: settings.stripeWebhookSecrets,
        returnUrl: settings.stripeReturnUrl,
        ...(settings.stripeApiUrl === undefined ? {} : { apiUrl: settings.stripeApiUrl }),
      });
  }
}
