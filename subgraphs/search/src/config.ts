import { currencyExponent } from '@ebuy/kernel';
import { readSettings, serviceSettings } from '@ebuy/runtime';
import { z } from 'zod';

const DEFAULT_PORT = 4004;

export const readConfig = () =>
  readSettings({
    ...serviceSettings(DEFAULT_PORT),
    opensearchUrl: ['OPENSEARCH_URL', z.url({ protocol: /^https?$/ })],
    /** The shop's: prices in it can be filtered and sorted by. Another one asks for a reindex. */
    currency: [
      'SEARCH_CURRENCY',
      z
        .string()
        .refine((code) => currencyExponent(code) !== undefined, 'must be an ISO 4217 code, as USD')
        .default('USD'),
    ],
  });

export type Settings = ReturnType<typeof readConfig>;
