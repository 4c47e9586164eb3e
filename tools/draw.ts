/**
 * `npm run draw`: draws docs/pictures/house.svg from the code itself: services and stores from the topology, topics and their listeners
 * from the catalogue of events. A test holds the committed picture against it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONSUMER_GROUPS, TOPICS } from '@ebuy/events';
import { ROOT } from './repo/paths.ts';
import { SERVICE_NAMES, type ServiceName, TOPOLOGY } from './shop/topology.ts';

const WIDTH = 1180;
const COLUMN = { width: 212, gap: 20, left: 20 };
const STORE = { postgresql: 'PostgreSQL · Prisma', mongodb: 'MongoDB · mongoose' } as const;

const subgraphs = SERVICE_NAMES.filter((name) => TOPOLOGY[name].isSubgraph);
const leftOf = (index: number) => COLUMN.left + index * (COLUMN.width + COLUMN.gap);
const middleOf = (index: number) => leftOf(index) + COLUMN.width / 2;

const text = (x: number, y: number, words: string, kind = 'label', anchor = 'middle') =>
  `<text x="${x}" y="${y}" class="${kind}" text-anchor="${anchor}">${words}</text>`;
const box = (x: number, y: number, width: number, height: number, kind: string) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10" class="${kind}"/>`;
const arrow = (path: string, kind = 'arrow') => `<path d="${path}" class="${kind}" marker-end="url(#tip)"/>`;

const clients = () => [
  box(COLUMN.left, 20, WIDTH - 40, 46, 'client'),
  text(WIDTH / 2, 49, 'storefront · mobile apps · partners · Sandbox', 'title'),
  arrow(`M ${WIDTH / 2} 66 V 96`),
];

const router = () => [
  box(COLUMN.left, 100, WIDTH - 40, 64, 'router'),
  text(WIDTH / 2, 127, 'router', 'title'),
  text(WIDTH / 2, 148, 'federated gateway: identity (Keycloak) · limits · persisted operations (Redis) · plans'),
];

const subgraph = (name: ServiceName, index: number) => {
  const { store, calls } = TOPOLOGY[name];
  return [
    arrow(`M ${middleOf(index)} 164 V 206`),
    box(leftOf(index), 210, COLUMN.width, 96, 'service'),
    text(middleOf(index), 239, name, 'title'),
    text(middleOf(index), 262, store === null ? '' : STORE[store]),
    text(middleOf(index), 285, calls.length > 0 ? `asks ${calls.join(', ')}` : ' ', 'small'),
  ];
};

const topicsOf = (name: ServiceName, index: number) => {
  const own = Object.entries(TOPICS).filter(([, topic]) => topic.owner === name);
  let y = 388;
  return own.flatMap(([aggregate, topic]) => {
    const groups = Object.values(CONSUMER_GROUPS).filter((group) => group.topic === topic);
    const lines = groups.map((group) => `→ ${group.subgraph}: ${group.reaction.replaceAll('-', ' ')}`);
    const height = 42 + 20 * lines.length;
    const drawn = [
      box(leftOf(index), y, COLUMN.width, height, topic.retention),
      text(leftOf(index) + 12, y + 26, `${aggregate}.*`, 'title', 'start'),
      text(
        leftOf(index) + COLUMN.width - 12,
        y + 26,
        topic.retention === 'state' ? 'compacted' : '30 days',
        'small',
        'end',
      ),
      ...lines.map((line, row) => text(leftOf(index) + 12, y + 48 + 20 * row, line, 'small', 'start')),
    ];
    y += height + 10;
    return drawn;
  });
};

const kafka = (height: number) => [
  box(8, 344, WIDTH - 16, height - 352, 'kafka'),
  text(20, 371, 'Kafka: committed through outboxes, applied once through inboxes', 'label', 'start'),
  ...subgraphs.map((_, index) => arrow(`M ${middleOf(index)} 306 V 340`)),
];

const STYLE = `
  text { font: 14px system-ui, sans-serif; fill: #1d2733 } .title { font-weight: 650; font-size: 16px } .small { font-size: 12.5px; fill: #51606f }
  rect { stroke-width: 1.5 } .client { fill: #fff; stroke: #b9c4cf } .router { fill: #e8eefc; stroke: #5b7fe0 } .service { fill: #e9f7ef; stroke: #3f9d68 }
  .kafka { fill: #f6f3ee; stroke: #d9cfc0 } .saga { fill: #fff4df; stroke: #d99a2b } .state { fill: #f3ebfb; stroke: #9564c8 }
  .arrow { fill: none; stroke: #7a8896; stroke-width: 1.6 } .paper { fill: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e7edf3 } .small { fill: #a9b6c3 } .paper { fill: #10161d } .client { fill: #1a222b } .router { fill: #1b2746 } .service { fill: #15301f }
    .kafka { fill: #1c1a16; stroke: #4a4338 } .saga { fill: #3a2b0e } .state { fill: #2b1d3b }
  }`;

/** The picture as SVG text. */
export const drawHouse = (): string => {
  const height = 580;
  const parts = [
    ...clients(),
    ...router(),
    ...kafka(height),
    ...subgraphs.flatMap(subgraph),
    ...subgraphs.flatMap(topicsOf),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Clients ask the router; the router asks the subgraphs; the subgraphs tell each other through Kafka">
<style>${STYLE}
</style>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="#7a8896"/></marker></defs>
<rect class="paper" width="${WIDTH}" height="${height}"/>
${parts.join('\n')}
</svg>
`;
};

export const HOUSE_PICTURE = join(ROOT, 'docs', 'pictures', 'house.svg');

if (import.meta.main) {
  mkdirSync(join(ROOT, 'docs', 'pictures'), { recursive: true });
  writeFileSync(HOUSE_PICTURE, drawHouse());
  console.log('Drew docs/pictures/house.svg');
}
