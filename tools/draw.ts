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
const COLUMNS = 4;
const COLUMN = { width: 270, gap: 20, left: 20 };
const SUBGRAPHS = { top: 196, rowHeight: 100, boxHeight: 86 };
const STORE = { postgresql: 'PostgreSQL · Prisma', mongodb: 'MongoDB · mongoose', opensearch: 'OpenSearch' } as const;

const subgraphs = SERVICE_NAMES.filter((name) => TOPOLOGY[name].isSubgraph);
const leftOf = (column: number) => COLUMN.left + column * (COLUMN.width + COLUMN.gap);
const subgraphsEnd = SUBGRAPHS.top + Math.ceil(subgraphs.length / COLUMNS) * SUBGRAPHS.rowHeight + 14;

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
  const left = leftOf(index % COLUMNS);
  const top = SUBGRAPHS.top + 14 + Math.floor(index / COLUMNS) * SUBGRAPHS.rowHeight;
  const middle = left + COLUMN.width / 2;
  return [
    box(left, top, COLUMN.width, SUBGRAPHS.boxHeight, 'service'),
    text(middle, top + 29, name, 'title'),
    text(middle, top + 52, store === null ? '' : STORE[store]),
    text(middle, top + 75, calls.length > 0 ? `asks ${calls.join(', ')}` : ' ', 'small'),
  ];
};

const house = () => [
  arrow(`M ${WIDTH / 2} 164 V ${SUBGRAPHS.top - 4}`),
  box(8, SUBGRAPHS.top, WIDTH - 16, subgraphsEnd - SUBGRAPHS.top, 'frame'),
  ...subgraphs.flatMap(subgraph),
];

/** A card for each topic, put where there is most room. Returns how far down they reach. */
const topics = (top: number): { parts: string[]; end: number } => {
  const ends = Array.from({ length: COLUMNS }, () => top);
  const parts = Object.entries(TOPICS).flatMap(([aggregate, topic]) => {
    const groups = Object.values(CONSUMER_GROUPS).filter((group) => group.topic === topic);
    const lines = groups.map((group) => `→ ${group.subgraph}: ${group.reaction.replaceAll('-', ' ')}`);
    const height = 60 + 20 * lines.length;
    const y = Math.min(...ends);
    const column = ends.indexOf(y);
    ends[column] = y + height + 10;
    const kept = topic.retention === 'state' ? 'compacted' : 'kept for 30 days';
    const left = leftOf(column);
    return [
      box(left, y, COLUMN.width, height, topic.retention),
      text(left + 12, y + 26, `${aggregate}.*`, 'title', 'start'),
      text(left + 12, y + 46, `of ${topic.owner}, ${kept}`, 'small', 'start'),
      ...lines.map((line, row) => text(left + 12, y + 67 + 20 * row, line, 'small', 'start')),
    ];
  });
  return { parts, end: Math.max(...ends) };
};

const STYLE = `
  text { font: 14px system-ui, sans-serif; fill: #1d2733 } .title { font-weight: 650; font-size: 16px } .small { font-size: 12.5px; fill: #51606f }
  rect { stroke-width: 1.5 } .client { fill: #fff; stroke: #b9c4cf } .router { fill: #e8eefc; stroke: #5b7fe0 } .service { fill: #e9f7ef; stroke: #3f9d68 }
  .kafka { fill: #f6f3ee; stroke: #d9cfc0 } .saga { fill: #fff4df; stroke: #d99a2b } .state { fill: #f3ebfb; stroke: #9564c8 }
  .frame { fill: none; stroke: #b9c4cf; stroke-dasharray: 4 4 } .arrow { fill: none; stroke: #7a8896; stroke-width: 1.6 } .paper { fill: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e7edf3 } .small { fill: #a9b6c3 } .paper { fill: #10161d } .client { fill: #1a222b } .router { fill: #1b2746 } .service { fill: #15301f }
    .kafka { fill: #1c1a16; stroke: #4a4338 } .saga { fill: #3a2b0e } .state { fill: #2b1d3b }
  }`;

/** The picture as SVG text. */
export const drawHouse = (): string => {
  const kafkaTop = subgraphsEnd + 36;
  const { parts: cards, end } = topics(kafkaTop + 42);
  const height = end + 16;
  const parts = [
    ...clients(),
    ...router(),
    ...house(),
    arrow(`M ${WIDTH / 2} ${subgraphsEnd} V ${kafkaTop - 4}`),
    box(8, kafkaTop, WIDTH - 16, end - kafkaTop + 4, 'kafka'),
    text(20, kafkaTop + 27, 'Kafka: committed through outboxes, applied once through inboxes', 'label', 'start'),
    ...cards,
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
