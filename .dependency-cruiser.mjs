// The arrows of the house: kernel <- events <- runtime <- subgraphs; nobody reaches into another room.
const subgraphs = '^subgraphs/([^/]+)/';

export default {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { pathNot: 'generated/' } } },
    {
      name: 'kernel-is-pure',
      severity: 'error',
      from: { path: '^packages/kernel/src' },
      to: { pathNot: '^(packages/kernel/src|node_modules/uuid|(node:)?(crypto|util)$)' },
    },
    {
      name: 'events-know-the-kernel-only',
      severity: 'error',
      from: { path: '^packages/events/src' },
      to: { path: '^(packages/(runtime|engines|testing)|subgraphs|router|schema|tools)/' },
    },
    {
      name: 'runtime-knows-no-domain',
      severity: 'error',
      from: { path: '^packages/runtime/src' },
      to: { path: '^(packages/(engines|testing)|subgraphs|router|schema|tools)/' },
    },
    {
      name: 'engines-know-nobody',
      severity: 'error',
      from: { path: '^packages/engines/src' },
      to: { path: '^(packages/(?!engines)|subgraphs|router|schema|tools)' },
    },
    {
      name: 'subgraphs-never-import-each-other',
      severity: 'error',
      from: { path: subgraphs },
      to: { path: '^subgraphs/', pathNot: '^subgraphs/$1/' },
    },
    {
      name: 'services-never-import-tests-or-tools',
      severity: 'error',
      from: { path: '^(subgraphs/[^/]+/(src|sandbox)|router/src)/' },
      to: { path: '^(packages/(testing|engines)|tools|e2e|bench)/' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^subgraphs/[^/]+/src/domain' },
      to: {
        pathNot:
          '^(subgraphs/[^/]+/src/(domain|refusals|relevance/weights)|packages/(kernel|events)/src|node_modules/(sanitize-html|zod)/)',
      },
    },
    {
      name: 'the-store-knows-no-command',
      severity: 'error',
      from: { path: '^subgraphs/[^/]+/src/store' },
      to: { path: '^subgraphs/[^/]+/src/(api|commands|queries)' },
    },
    {
      name: 'commands-know-no-door',
      severity: 'error',
      from: { path: '^subgraphs/[^/]+/src/(commands|queries)' },
      to: { path: '^subgraphs/[^/]+/src/api' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(tests|generated)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
