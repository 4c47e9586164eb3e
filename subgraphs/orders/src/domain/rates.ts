/**
 * What shipping costs and which tax is charged, by country.
 *
 * Shipping: eBuy's own demo tariff. The amounts are made up; they are in the minor units of each currency and never converted from one
 * another. A currency without a tariff is not shipped.
 *
 * Tax: the standard rate of the country of destination, in basis points, on goods and shipping alike; prices are net. Reduced rates
 * and thresholds are not modelled, nor are the sales taxes of the states of the USA and the provinces of Canada.
 * Sources: EU: European Commission, Taxes in Europe Database (TEDB), standard VAT rates, as of March 2026. Others: OECD, Consumption
 * Tax Trends 2024, annex of standard VAT/GST rates, and for the Gulf states, which it does not list, their tax authorities' published
 * standard rates of 2024. A deployment that charges real people checks them first.
 */
import type { Money } from '@ebuy/kernel';

export interface ShippingOption {
  readonly code: string;
  readonly label: string;
  readonly price: Money;
  readonly estimatedDays: number;
}

interface Tariff {
  readonly code: string;
  readonly label: string;
  readonly estimatedDays: number;
  /** Minor units by currency. */
  readonly prices: Readonly<Record<string, number>>;
}

interface Zone {
  /** Basis points by country: 1900 is 19 %. */
  readonly taxes: Readonly<Record<string, number>>;
  readonly tariffs: readonly Tariff[];
}

const standard = (estimatedDays: number, prices: Tariff['prices']): Tariff => ({
  code: 'STANDARD',
  label: 'Standard',
  estimatedDays,
  prices,
});
const express = (estimatedDays: number, prices: Tariff['prices']): Tariff => ({
  code: 'EXPRESS',
  label: 'Express',
  estimatedDays,
  prices,
});

const EUROPE: Zone = {
  taxes: {
    AT: 2000,
    BE: 2100,
    BG: 2000,
    CY: 1900,
    CZ: 2100,
    DE: 1900,
    DK: 2500,
    EE: 2400,
    ES: 2100,
    FI: 2550,
    FR: 2000,
    GR: 2400,
    HR: 2500,
    HU: 2700,
    IE: 2300,
    IT: 2200,
    LT: 2100,
    LU: 1700,
    LV: 2100,
    MT: 1800,
    NL: 2100,
    PL: 2300,
    PT: 2300,
    RO: 2100,
    SE: 2500,
    SI: 2200,
    SK: 2300,
    // Outside the European Union.
    CH: 810,
    GB: 2000,
    IS: 2400,
    NO: 2500,
  },
  tariffs: [
    standard(4, { USD: 690, EUR: 590, GBP: 490, JPY: 1_000, KWD: 2_100 }),
    express(1, { USD: 1_690, EUR: 1_490, GBP: 1_290, JPY: 2_500, KWD: 5_200 }),
  ],
};

const NORTH_AMERICA: Zone = {
  taxes: { CA: 500, MX: 1600, US: 0 },
  tariffs: [
    standard(5, { USD: 590, EUR: 690, GBP: 590, JPY: 1_000, KWD: 2_200 }),
    express(2, { USD: 1_590, EUR: 1_690, GBP: 1_490, JPY: 2_500, KWD: 5_400 }),
  ],
};

const ASIA_AND_PACIFIC: Zone = {
  taxes: { AU: 1000, JP: 1000, KR: 1000, NZ: 1500, SG: 900 },
  tariffs: [
    standard(7, { USD: 990, EUR: 890, GBP: 790, JPY: 800, KWD: 2_900 }),
    express(3, { USD: 2_490, EUR: 2_290, GBP: 1_990, JPY: 1_800, KWD: 7_400 }),
  ],
};

const MIDDLE_EAST_AND_AFRICA: Zone = {
  taxes: { AE: 500, BH: 1000, IL: 1800, KW: 0, OM: 500, QA: 0, SA: 1500, TR: 2000, ZA: 1500 },
  tariffs: [
    standard(7, { USD: 990, EUR: 890, GBP: 790, JPY: 1_400, KWD: 1_500 }),
    express(3, { USD: 2_490, EUR: 2_290, GBP: 1_990, JPY: 3_600, KWD: 3_500 }),
  ],
};

const ZONES: ReadonlyMap<string, Zone> = new Map(
  [EUROPE, NORTH_AMERICA, ASIA_AND_PACIFIC, MIDDLE_EAST_AND_AFRICA].flatMap((zone) =>
    Object.keys(zone.taxes).map((country): [string, Zone] => [country, zone]),
  ),
);

/** Every country that is shipped to (ISO 3166-1 alpha-2), sorted. */
export const SHIPPED_COUNTRIES: readonly string[] = [...ZONES.keys()].sort();

/** The standard rate in basis points; undefined for a country that is not shipped to. */
export function taxBasisPoints(country: string): number | undefined {
  return ZONES.get(country)?.taxes[country];
}

/** The ways to ship there in this currency, the cheapest first; none for a country or a currency that is not shipped. */
export function shippingOptions(country: string, currency: string): ShippingOption[] {
  return (ZONES.get(country)?.tariffs ?? [])
    .flatMap(({ prices, ...option }) => {
      const amountMinor = prices[currency];
      return amountMinor === undefined ? [] : [{ ...option, price: { amountMinor, currency } }];
    })
    .sort((a, b) => a.price.amountMinor - b.price.amountMinor);
}
