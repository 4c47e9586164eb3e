// Invented people, one a country that the shop ships to.
export const ADDRESSES = {
  DE: { recipient: 'Sam Shopper', line1: 'Lindenweg 12', city: 'Freiburg', postalCode: '79098', countryCode: 'DE' },
  US: {
    recipient: 'Sam Shopper',
    line1: '12 Elm Street',
    city: 'Portland',
    region: 'OR',
    postalCode: '97201',
    countryCode: 'US',
  },
  JP: { recipient: 'Sam Shopper', line1: '1-2-3 Sakura', city: 'Kyoto', postalCode: '600-0000', countryCode: 'JP' },
  KW: { recipient: 'Sam Shopper', line1: 'Block 4, Street 7', city: 'Salmiya', postalCode: '22000', countryCode: 'KW' },
} as const;
